import PartyCore
import PartyTestSupport
import Testing

struct BackoffTests {
    @Test func `advice is kept over restarts, but not by a clock that was wrong when it came`() {
        let advice = RetryAdviceFile(TestWorld().environment())
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        advice.remember(.seconds(60), at: now)
        #expect(advice.rest(at: now) == .seconds(60))
        #expect(advice.rest(at: now.advanced(by: .seconds(59))) == .seconds(1))
        #expect(advice.rest(at: now.advanced(by: .seconds(60))) == nil)
        // It was a day ahead and has been set right since.
        #expect(advice.rest(at: now.advanced(by: .seconds(30 - 86_400))) == nil)
        #expect(advice.rest(at: now.advanced(by: .seconds(90 - 86_400))) == nil)
        advice.remember(.seconds(86_401), at: now)
        #expect(advice.rest(at: now) == nil)
    }

    @Test func `the ceiling doubles from 1 s to 60 s`() {
        var backoff = Backoff()
        let waits = (0..<9).map { _ in backoff.next(fraction: 1) }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
    }

    @Test func `chance takes any part of the ceiling`() {
        var backoff = Backoff()
        #expect(backoff.next(fraction: 0) == .zero)
        #expect(backoff.next(fraction: 0.5) == .seconds(1))
        #expect(backoff.next(fraction: 0.25) == .seconds(1))
        #expect(backoff.next(fraction: 0.999) == .milliseconds(7992))
    }

    @Test func `it stays within its bounds however often it is asked`() {
        var generator = SeededChance(seed: 9)
        var backoff = Backoff()
        for _ in 0..<5000 {
            #expect((.zero ... .seconds(60)).contains(backoff.next(fraction: .random(in: 0..<1, using: &generator))))
        }
    }

    @Test func `after a reset it starts anew`() {
        var backoff = Backoff()
        for _ in 0..<5 { _ = backoff.next(fraction: 1) }
        backoff.reset()
        #expect(backoff == Backoff())
        #expect(backoff.next(fraction: 1) == .seconds(1))
    }

    private static let advices: [([String: String], Int64?, Int64?)] = [
        (["X-PSN-RETRY-INTERVAL-MIN": "120", "X-PSN-RETRY-INTERVAL-MAX": "1200"], 120, 1200),
        (["x-psn-retry-interval-min": "5"], 5, 5), (["X-PSN-RETRY-INTERVAL-MAX": "7"], 7, 7),
        (["Retry-After": "30"], 30, 30),
        (["Retry-After": "30", "X-PSN-RETRY-INTERVAL-MIN": "5"], 5, 5),
        (["Retry-After": "30", "X-PSN-RETRY-INTERVAL-MAX": "90"], 30, 90),
        (["X-PSN-RETRY-INTERVAL-MIN": "20", "X-PSN-RETRY-INTERVAL-MAX": "10"], 20, 20),
        (["X-PSN-RETRY-INTERVAL-MIN": "-5"], 0, 0), (["Retry-After": "9223372036854775807"], 86_400, 86_400),
        (["Retry-After": "soon"], nil, nil), (["Retry-After": ""], nil, nil), ([:], nil, nil),
        (["X-PSN-RETRY-INTERVAL-MIN": "x", "Retry-After": "3"], 3, 3),
    ]

    @Test(arguments: advices)
    func `the service's advice is read within a day`(_ headers: [String: String], _ shortest: Int64?, _ longest: Int64?)
    {
        let advice = RetryAdvice(RESTResponse(status: 403, headers: headers.map { HeaderField($0.key, $0.value) }))
        #expect(advice?.shortest == shortest.map { .seconds($0) })
        #expect(advice?.longest == longest.map { .seconds($0) })
    }

    @Test(arguments: [(0, 120_000), (0.5, 660_000), (0.9999, 1_199_892)])
    func `an advised wait lies inside the advice`(_ fraction: Double, _ milliseconds: Int64) throws {
        let headers = [HeaderField("X-PSN-RETRY-INTERVAL-MIN", "120"), HeaderField("X-PSN-RETRY-INTERVAL-MAX", "1200")]
        let advice = try #require(RetryAdvice(RESTResponse(status: 403, headers: headers)))
        #expect(advice.wait(fraction: fraction) == .milliseconds(milliseconds))
    }
}
