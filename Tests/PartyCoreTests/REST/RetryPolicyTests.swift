import PartyCore
import Testing

struct RetryPolicyTests {
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
    func `a broken service is tried three times, each wait twice the last`(_ status: Int) {
        for method in Self.repeatable {
            #expect((1...4).map { Self.wait($0, method, status) } == [.seconds(1), .seconds(2), nil, nil])
        }
        #expect(Self.wait(1, .post, status) == nil)
    }

    @Test(arguments: [200, 201, 204, 302, 400, 401, 403, 404, 405, 409, 499, 600])
    func `any other answer stands`(_ status: Int) {
        for method in RESTRequest.Method.allCases { #expect(Self.wait(1, method, status, retryAfter: "1") == nil) }
    }

    @Test(
        arguments: [
            ("0", .zero), ("5", .seconds(5)), ("60", .seconds(60)), ("61", nil), ("-3", .zero), (nil, .seconds(60)),
            ("soon", .seconds(60)), ("1.5", .seconds(60)), ("9223372036854775807", nil),
        ] as [(String?, Duration?)])
    func `a limit waits as long as the service asks, or not at all`(_ asked: String?, _ wait: Duration?) {
        for method in Self.repeatable {
            #expect(Self.wait(1, method, 429, retryAfter: asked) == wait)
            #expect(Self.wait(2, method, 429, retryAfter: asked) == wait)
            #expect(Self.wait(3, method, 429, retryAfter: asked) == nil)
        }
        #expect(Self.wait(1, .post, 429, retryAfter: asked) == nil)
    }

    @Test(
        arguments: [
            (.unresolved, true), (.unreachable, true), (.timedOut, true), (.brokenOff, true), (.tls, false),
            (.malformed, false),
            (.insecure, false), (.unusable, false), (.cancelled, false), (.refused(RESTResponse(status: 503)), false),
        ] as [(TransportError.Kind, Bool)])
    func `of the network's failures the passing ones are tried again`(_ kind: TransportError.Kind, _ isTransient: Bool)
    {
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
            ("Sunday, 06-Nov-94 08:49:37 GMT", nil),
            ("Sun, 31 Feb 1994 08:49:37 GMT", nil),
        ] as [(String, Int64?)])
    func `a date to come back at is taken from the answer's own`(_ date: String, _ seconds: Int64?) {
        let answer = RESTResponse(
            status: 429,
            headers: [HeaderField("Retry-After", date), HeaderField("Date", "Sun, 06 Nov 1994 08:49:07 GMT")])
        #expect(answer.retryAfter == seconds)
        #expect(RESTResponse(status: 429, headers: [HeaderField("Retry-After", date)]).retryAfter == nil)
    }

    @Test func `only a POST that changes something is never sent twice`() {
        #expect(RESTRequest.Method.allCases.filter { !RESTRequest($0, "/").isRepeatable } == [.post])
        #expect(RESTRequest(.post, "/", isLookup: true).isRepeatable)
        #expect(RESTRequest.Method.allCases.map(\.rawValue) == ["GET", "POST", "PUT", "PATCH", "DELETE"])
    }
}
