/// A time in milliseconds since 1970-01-01 UTC, the unit of the wire.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// Milliseconds since 1970-01-01 UTC; negative before.
    public let milliseconds: Int64

    /// A time in milliseconds since 1970-01-01 00:00 UTC.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// A time in seconds; `nil` if it exceeds 64 bits in milliseconds.
    public init?(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return nil }
        milliseconds = product
    }

    /// The time after a duration, clamped to 64 bits, so that an expiry in the far future never seems to have passed.
    public func advanced(by duration: Duration) -> Timestamp {
        Timestamp(milliseconds: milliseconds.addingToTheEnd(duration.inMilliseconds))
    }

    /// The time from `right` to `left`; negative if `left` is earlier.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds) - .milliseconds(right.milliseconds)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339, UTC, with milliseconds: `2023-11-14T22:13:20.000Z`. Years outside 0…9999 print as the nearest of them.
    public var description: String {
        let text = [UInt8](capacity: Self.rfc3339Length) { output in output.append(rfc3339: self) }
        return String(decoding: text, as: UTF8.self)
    }

    static let rfc3339Length = 24
}

extension OutputSpan<UInt8> {
    /// Appends as many bytes as `Timestamp.rfc3339Length`.
    mutating func append(rfc3339 time: Timestamp) {
        let clamped = min(max(time.milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        let (days, millisecondOfDay) = clamped.flooredDivision(by: 86_400_000)
        let (year, month, day) = civilDate(daysSince1970: days)
        append(year / 100, after: nil)
        append(year % 100, after: nil)
        append(month, after: UInt8(ascii: "-"))
        append(day, after: UInt8(ascii: "-"))
        append(millisecondOfDay / 3_600_000, after: UInt8(ascii: "T"))
        append(millisecondOfDay / 60_000 % 60, after: UInt8(ascii: ":"))
        append(millisecondOfDay / 1000 % 60, after: UInt8(ascii: ":"))
        append(millisecondOfDay % 1000 / 10, after: UInt8(ascii: "."))
        append(UInt8(ascii: "0") + UInt8(millisecondOfDay % 10))
        append(UInt8(ascii: "Z"))
    }

    /// Two digits.
    private mutating func append(_ number: Int64, after separator: UInt8?) {
        if let separator { append(separator) }
        append(UInt8(ascii: "0") + UInt8(number / 10))
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}

/// Proleptic Gregorian date of a day count, by counting in 400-year eras that start on 1 March.
private func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

extension Int64 {
    /// The sum, clamped to the range.
    package func addingToTheEnd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }

    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let remainder = ((self % divisor) + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero and clamped to the range.
    package var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? .min : .max }
        return whole.addingToTheEnd(attoseconds / 1_000_000_000_000_000)
    }
}
