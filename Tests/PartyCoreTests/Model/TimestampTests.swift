import Foundation
import PartyCore
import PartyTestSupport
import Testing

struct TimestampTests {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    @Test func `2,000 random moments print as Foundation prints them`() {
        var generator = SeededChance(seed: 3)
        for _ in 0..<2000 {
            // From 1583, where Foundation's calendar and the proleptic one agree, to 9999.
            let moment = Int64.random(in: -12_212_553_600_000...253_402_300_799_999, using: &generator)
            // Dates are binary fractions of seconds: a nudge keeps them from falling below the millisecond.
            let date = Date(timeIntervalSince1970: (Double(moment) + 0.25) / 1000)
            #expect(Timestamp(milliseconds: moment).description == Self.style.format(date))
        }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_700_000_000_000, "2023-11-14T22:13:20.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"), (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (-62_167_219_200_001, "0000-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "9999-12-31T23:59:59.999Z"),
            (.min, "0000-01-01T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.999Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `the ends of the range print right`(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test(
        arguments: [
            (0, 0), (1_700_000_000, 1_700_000_000_000), (-1, -1000), (9_223_372_036_854_775, 9_223_372_036_854_775_000),
            (9_223_372_036_854_776, nil), (.min, nil), (.max, nil),
        ] as [(Int64, Int64?)])
    func `seconds out of range are refused`(_ seconds: Int64, _ milliseconds: Int64?) {
        #expect(Timestamp(seconds: seconds)?.milliseconds == milliseconds)
    }

    @Test(
        arguments: [
            (.zero, 0), (.milliseconds(1), 1), (.microseconds(999), 0), (.microseconds(1999), 1),
            (.microseconds(-999), 0),
            (.microseconds(-1999), -1), (.seconds(-1), -1000), (.milliseconds(-1500), -1500),
            (.seconds(86_400), 86_400_000),
            (.nanoseconds(1_500_000_001), 1500), (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
            (.milliseconds(Int64.max), .max), (.milliseconds(Int64.min), .min),
            (.seconds(9_223_372_036_854_775) + .milliseconds(999), .max),
            (.seconds(-9_223_372_036_854_775) - .milliseconds(999), .min),
        ] as [(Duration, Int64)])
    func `a duration has whole milliseconds, within the range of 64 bits`(_ duration: Duration, _ milliseconds: Int64) {
        #expect(duration.inMilliseconds == milliseconds)
    }

    @Test func `times advance, compare and subtract`() {
        let moment = Timestamp(milliseconds: 1000)
        #expect(moment.advanced(by: .milliseconds(500)).milliseconds == 1500)
        #expect(moment.advanced(by: .seconds(-2)).milliseconds == -1000)
        #expect(moment < moment.advanced(by: .milliseconds(1)))
        #expect(moment.advanced(by: .seconds(3)) - moment == .seconds(3))
    }

    @Test func `a time that would leave the range stays at its end`() {
        let moment = Timestamp(milliseconds: 1000)
        #expect(moment.advanced(by: .seconds(Int64.max)).milliseconds == .max)
        #expect(Timestamp(milliseconds: -5).advanced(by: .seconds(Int64.min)).milliseconds == .min)
        #expect(Timestamp(milliseconds: .min) - moment < .zero)
        #expect(Timestamp(milliseconds: .max) - Timestamp(milliseconds: .min) > .zero)
    }
}
