import PartyCore
import PartyTestSupport
import Testing

struct BackoffTests {
    @Test func `advice is kept over restarts, unless the clock was wrong`() async throws {
        let (world, store) = (TestWorld(), MemoryStore())
        _ = try await world.signedIn(0, store: store)
        let advice = RetryAdviceFile(world.environment(store: store))
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        advice.remember(.seconds(60), at: now)
        #expect(advice.rest(at: now) == .seconds(60))
        #expect(advice.rest(at: now.advanced(by: .seconds(59))) == .seconds(1))
        #expect(advice.rest(at: now.advanced(by: .seconds(60))) == nil)
        // The clock was a day ahead and has been corrected since.
        #expect(advice.rest(at: now.advanced(by: .seconds(30 - 86_400))) == nil)
        #expect(advice.rest(at: now.advanced(by: .seconds(90 - 86_400))) == nil)
        advice.remember(.seconds(86_401), at: now)
        #expect(advice.rest(at: now) == nil)
    }

    @Test func `the ceiling doubles from 1 s to 60 s`() {
        var backoff = Backoff()
        let waits = (0..<9).map { _ in backoff.next(after: .network, fraction: 1) }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
    }

    @Test func `the wait is random up to the ceiling`() {
        var backoff = Backoff()
        #expect(backoff.next(after: .network, fraction: 0) == .zero)
        #expect(backoff.next(after: .network, fraction: 0.5) == .seconds(1))
        #expect(backoff.next(after: .network, fraction: 0.25) == .seconds(1))
        #expect(backoff.next(after: .network, fraction: 0.999) == .milliseconds(7992))
    }

    @Test func `the wait stays within its bounds for any number of attempts`() {
        var generator = SeededChance(seed: 9)
        var backoff = Backoff()
        for _ in 0..<5000 {
            #expect(
                (.zero ... .seconds(60)).contains(
                    backoff.next(after: .network, fraction: .random(in: 0..<1, using: &generator))))
        }
    }

    @Test func `a reset starts again at the first ceiling`() {
        var backoff = Backoff()
        for _ in 0..<5 { _ = backoff.next(after: .network, fraction: 1) }
        backoff.reset()
        #expect(backoff == Backoff())
        #expect(backoff.next(after: .network, fraction: 1) == .seconds(1))
    }

    @Test func `the first refusal without advice waits briefly, later ones for minutes`() {
        var backoff = Backoff()
        let shortest = (0..<7).map { _ in backoff.next(after: .refusal, fraction: 0) }
        #expect(shortest == [2, 120, 240, 480, 960, 1200, 1200].map { .seconds($0) })
        backoff.reset()
        let longest = (0..<7).map { _ in backoff.next(after: .refusal, fraction: 1) }
        #expect(longest == [4, 180, 360, 720, 1200, 1200, 1200].map { .seconds($0) })
    }

    @Test func `a network failure between two refusals does not reset their count`() {
        var backoff = Backoff()
        let causes: [Backoff.Cause] = [.lostStream, .network, .refusal, .network, .refusal]
        #expect(causes.map { backoff.next(after: $0, fraction: 1) } == [0, 2, 4, 8, 180].map { .seconds($0) })
    }

    @Test func `a lost stream is retried at once, a repeatedly lost one is not`() {
        var backoff = Backoff()
        let waits = (0..<9).map { _ in backoff.next(after: .lostStream, fraction: 1) }
        #expect(waits == [0, 1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        backoff.reset()
        #expect(backoff.next(after: .lostStream, fraction: 1) == .zero)
    }

    private static let advices: [([String: String], Int64?, Int64?)] = [
        (["X-PSN-RETRY-INTERVAL-MIN": "120", "X-PSN-RETRY-INTERVAL-MAX": "1200"], 120, 1200),
        (["x-psn-retry-interval-min": "5"], 5, 5), (["X-PSN-RETRY-INTERVAL-MAX": "7"], 7, 7),
        (["Retry-After": "30"], 30, 30),
        (["Retry-After": "30", "X-PSN-RETRY-INTERVAL-MIN": "5"], 5, 5),
        (["Retry-After": "30", "X-PSN-RETRY-INTERVAL-MAX": "90"], 30, 90),
        (["X-PSN-RETRY-INTERVAL-MIN": "20", "X-PSN-RETRY-INTERVAL-MAX": "10"], 20, 20),
        (["X-PSN-RETRY-INTERVAL-MIN": "-5"], nil, nil), (["Retry-After": "9223372036854775807"], nil, nil),
        (["X-PSN-RETRY-INTERVAL-MIN": "0", "X-PSN-RETRY-INTERVAL-MAX": "0"], nil, nil),
        (["Retry-After": "0"], nil, nil),
        (["X-PSN-RETRY-INTERVAL-MIN": "120000", "X-PSN-RETRY-INTERVAL-MAX": "180000"], nil, nil),
        (["X-PSN-RETRY-INTERVAL-MIN": "120", "X-PSN-RETRY-INTERVAL-MAX": "99999999999999999999"], 120, 120),
        (["X-PSN-RETRY-INTERVAL-MIN": "0", "X-PSN-RETRY-INTERVAL-MAX": "30", "Retry-After": "5"], 5, 30),
        (["Retry-After": "soon"], nil, nil), (["Retry-After": ""], nil, nil), ([:], nil, nil),
        (["X-PSN-RETRY-INTERVAL-MIN": "x", "Retry-After": "3"], 3, 3),
    ]

    @Test(arguments: advices)
    func `the service's advice is used within its range`(
        _ headers: [String: String], _ shortest: Int64?, _ longest: Int64?
    ) {
        let advice = RetryAdvice(RESTResponse(status: 403, headers: headers.map { HeaderField($0.key, $0.value) }))
        #expect(advice?.shortest == shortest.map { .seconds($0) })
        #expect(advice?.longest == longest.map { .seconds($0) })
    }

    @Test(
        arguments: [
            (#"{"error":{"code":1,"retryIntervalMin":120,"retryIntervalMax":180}}"#, 403, 120, 180),
            (#"{"error":{"retryIntervalMin":"120","retryIntervalMax":"180"}}"#, 503, 120, 180),
            (#"{"error":{"retryIntervalMin":180,"retryIntervalMax":120}}"#, 403, 180, 180),
            (#"{"error":{"retryIntervalMax":60}}"#, 403, 60, 60),
            (#"{"error":{"retryIntervalMin":120000,"retryIntervalMax":180000}}"#, 403, nil, nil),
            (#"{"error":{"retryIntervalMin":0,"retryIntervalMax":-1}}"#, 403, nil, nil),
            (#"{"error":{"retryIntervalMin":1.5,"retryIntervalMax":null}}"#, 403, nil, nil),
            (
                #"{"error":{"retryIntervalMin":9223372036854775807,"retryIntervalMax":99999999999999999999}}"#, 403,
                nil, nil
            ),
            (#"{"error":"retryIntervalMin"}"#, 400, nil, nil), ("", 403, nil, nil), ("[1", 403, nil, nil),
            (#"{"error":{"retryIntervalMin":120,"retryIntervalMax":180}}"#, 200, nil, nil),
        ] as [(String, Int, Int64?, Int64?)])
    func `advice in the body's error is used like that of the headers`(
        _ body: String, _ status: Int, _ shortest: Int64?, _ longest: Int64?
    ) {
        let response = RESTResponse(status: status, body: Array(body.utf8))
        let advice = RetryAdvice(response)
        #expect(advice?.shortest == shortest.map { .seconds($0) })
        #expect(advice?.longest == longest.map { .seconds($0) })
        #expect(RetryAdvice.isGiven(in: response) == (shortest != nil))
    }

    @Test func `advice in headers overrides that in the body`() {
        let body = Array(#"{"error":{"retryIntervalMin":120,"retryIntervalMax":180}}"#.utf8)
        let headers = [HeaderField("X-PSN-RETRY-INTERVAL-MIN", "5"), HeaderField("Retry-After", "9")]
        let advice = RetryAdvice(RESTResponse(status: 403, headers: headers, body: body))
        #expect(advice?.longest == .seconds(5))
    }

    @Test(arguments: [(0, 120_000), (0.5, 660_000), (0.9999, 1_199_892)])
    func `an advised wait is within the advised range`(_ fraction: Double, _ milliseconds: Int64) throws {
        let headers = [HeaderField("X-PSN-RETRY-INTERVAL-MIN", "120"), HeaderField("X-PSN-RETRY-INTERVAL-MAX", "1200")]
        let advice = try #require(RetryAdvice(RESTResponse(status: 403, headers: headers)))
        #expect(advice.wait(fraction: fraction) == .milliseconds(milliseconds))
    }
}
