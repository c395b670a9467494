import PartyCore
import Testing

struct RetryPolicyTests {
    @Test func `a permanent refusal by a proxy is not retried`() {
        let refusal = RetryPolicy.Outcome.failed(TransportError(.refusedByProxy, .connecting, "x"))
        #expect(RetryPolicy.wait(before: 1, isRepeatable: true, after: refusal) == nil)
    }

    private static func wait(
        _ attempt: Int, _ method: RESTRequest.Method, _ status: Int, retryAfter: String? = nil
    ) -> Duration? {
        let headers = retryAfter.map { [HeaderField("retry-after", $0)] } ?? []
        return RetryPolicy.wait(
            before: attempt, isRepeatable: RESTRequest(method, "/").isRepeatable,
            after: .answered(RESTResponse(status: status, headers: headers)))
    }

    private static let repeatable: [RESTRequest.Method] = [.get, .put, .patch, .delete]

    @Test(arguments: [500, 502, 503, 504, 599])
    func `a failing service is tried three times, with doubled waits`(_ status: Int) {
        for method in Self.repeatable {
            #expect((1...4).map { Self.wait($0, method, status) } == [.seconds(1), .seconds(2), nil, nil])
            let asked = (1...3).map { Self.wait($0, method, status, retryAfter: "4") }
            #expect(asked == [.seconds(4), .seconds(4), nil])
            #expect((1...2).map { Self.wait($0, method, status, retryAfter: "0") } == [.seconds(1), .seconds(2)])
            #expect(Self.wait(1, method, status, retryAfter: "61") == nil)
            #expect(Self.wait(1, method, status, retryAfter: "soon") == .seconds(1))
        }
        #expect(Self.wait(1, .post, status) == nil)
    }

    @Test(arguments: [200, 201, 204, 302, 400, 401, 403, 404, 405, 409, 499, 600])
    func `any other response is final`(_ status: Int) {
        for method in RESTRequest.Method.allCases { #expect(Self.wait(1, method, status, retryAfter: "1") == nil) }
    }

    @Test(
        arguments: [
            ("5", .seconds(5)), ("60", .seconds(60)), ("61", nil), (nil, .seconds(60)), (" 5\t", .seconds(5)),
            ("soon", .seconds(60)), ("2.5", .seconds(3)), ("9223372036854775807", nil), ("1.", .seconds(60)),
            ("99999999999999999999999", nil), ("", .seconds(60)), ("5 s", .seconds(60)),
        ] as [(String?, Duration?)])
    func `a limit waits as long as the service asks, or not at all`(_ asked: String?, _ wait: Duration?) {
        for method in Self.repeatable {
            #expect(Self.wait(1, method, 429, retryAfter: asked) == wait)
            #expect(Self.wait(2, method, 429, retryAfter: asked) == wait)
            #expect(Self.wait(3, method, 429, retryAfter: asked) == nil)
        }
        #expect(Self.wait(1, .post, 429, retryAfter: asked) == nil)
    }

    @Test(arguments: ["0", "-3", "0.0", "-0.5"])
    func `Retry-After 0 still waits`(_ asked: String) {
        #expect((1...3).map { Self.wait($0, .get, 429, retryAfter: asked) } == [.seconds(1), .seconds(2), nil])
    }

    @Test(
        arguments: [
            (.unresolved, true), (.unreachable, true), (.timedOut, true), (.brokenOff, true), (.tls, false),
            (.malformed, false),
            (.insecure, false), (.unusable, false), (.cancelled, false), (.refused(RESTResponse(status: 503)), false),
        ] as [(TransportError.Kind, Bool)])
    func `only temporary network failures are retried`(_ kind: TransportError.Kind, _ isTransient: Bool) {
        for phase in [.connecting, .exchange] as [TransportError.Phase] {
            let failure = RetryPolicy.Outcome.failed(TransportError(kind, phase, "x"))
            let waits = (1...3).map { RetryPolicy.wait(before: $0, isRepeatable: true, after: failure) }
            #expect(waits == (isTransient ? [.seconds(1), .seconds(2), nil] : [nil, nil, nil]))
            #expect(RetryPolicy.wait(before: 1, isRepeatable: false, after: failure) == nil)
        }
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 30), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 30), ("Sun Nov  6 08:49:37 1994", 30),
            ("Sun Nov 16 08:49:07 1994", 864_000), ("Sun, 06 Nov 1994 08:49:60 GMT", 52),
            (" Sun, 06 Nov 1994 08:49:37 GMT ", 30), ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86_400),
            ("Sun, 31 Feb 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 94", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil),
            ("06 Nov 1994", nil), ("1994-11-06T08:49:37.000Z", nil), ("Sun Nov  6 08:49 1994", nil),
        ] as [(String, Int64?)])
    func `a Retry-After date is relative to the response's Date`(_ date: String, _ seconds: Int64?) {
        let answer = RESTResponse(
            status: 429,
            headers: [HeaderField("Retry-After", date), HeaderField("Date", "Sun, 06 Nov 1994 08:49:07 GMT")])
        #expect(answer.retryAfter == seconds)
        #expect(RESTResponse(status: 429, headers: [HeaderField("Retry-After", date)]).retryAfter == nil)
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 30), ("Sunday, 06-Nov-94 08:49:37 GMT", 30),
            ("Sun Nov  6 08:49:37 1994", 30), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            // A clock that is years behind must not make the wait years.
            ("Tue, 06 Nov 2029 08:49:37 GMT", 86_400),
        ] as [(String, Int64)])
    func `without a Date our clock is used, for a day at most`(_ date: String, _ seconds: Int64) throws {
        var answer = RESTResponse(status: 503, headers: [HeaderField("Retry-After", date)])
        answer.receivedAt = Timestamp(rfc3339: "1994-11-06T08:49:07.000Z")
        #expect(answer.retryAfter == seconds)
        answer.receivedAt = Timestamp(rfc3339: "1994-11-06T08:49:06.999Z")
        #expect(answer.retryAfter == (seconds == 30 ? 31 : seconds))
    }

    @Test(
        arguments: [
            ("2026-01-01T00:00:00.000Z", "26", "2026"), ("2026-01-01T00:00:00.000Z", "94", "1994"),
            ("2099-12-31T00:00:00.000Z", "00", "2100"), ("2026-01-01T00:00:00.000Z", "76", "2076"),
            ("2026-01-01T00:00:00.000Z", "77", "1977"),
        ])
    func `a year of two digits is the one within 50 years`(_ present: String, _ short: String, _ year: String) {
        let date = Timestamp(httpDate: "Sunday, 06-Nov-\(short) 08:49:37 GMT", near: Timestamp(rfc3339: present))
        #expect(date?.description == "\(year)-11-06T08:49:37.000Z")
    }

    @Test func `only a POST that changes something is never sent twice`() {
        #expect(RESTRequest.Method.allCases.filter { !RESTRequest($0, "/").isRepeatable } == [.post])
        #expect(RESTRequest(.post, "/", isLookup: true).isRepeatable)
        #expect(RESTRequest.Method.allCases.map(\.rawValue) == ["GET", "POST", "PUT", "PATCH", "DELETE"])
    }
}
