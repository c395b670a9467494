import Testing

@testable import PartySimulator

struct RetryAfterTests {
    private func header(_ name: String, _ response: SimulatedResponse) -> String? {
        response.headers.first { $0.name == name }?.value
    }

    @Test(
        arguments: [
            (.seconds, "30"), (.imf, "Sun, 06 Nov 1994 08:49:37 GMT"), (.rfc850, "Sunday, 06-Nov-94 08:49:37 GMT"),
            (.asctime, "Sun Nov  6 08:49:37 1994"),
        ] as [(RetryAfterRefusal.Form, String)])
    func `a wait is written in each form`(_ form: RetryAfterRefusal.Form, _ text: String) {
        let refusal = RetryAfterRefusal(status: 503, seconds: 30, form: form)
        let response = refusal.response(now: 784_111_747_000)
        #expect(response.status == 503)
        #expect(header("Retry-After", response) == text)
        #expect(header("Date", response) == "Sun, 06 Nov 1994 08:49:07 GMT")
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"),
        ] as [(Int64, String)])
    func `a time is written as the right date`(_ second: Int64, _ text: String) {
        #expect(HTTPDate(second).imf == text)
    }

    @Test func `retryAfter and errorDocument are parsed as faults`() throws {
        let scenario = try Scenario(
            json: Array(
                #"""
                {"faults":[{"action":{"kind":"retryAfter","status":502,"seconds":9,"form":"asctime","date":false}},
                 {"action":{"kind":"errorDocument","code":5,"message":"m"}}]}
                """#.utf8))
        guard case .retryAfter(let refusal) = scenario.faults[0].action,
            case .status(let document) = scenario.faults[1].action
        else {
            Issue.record("other faults came")
            return
        }
        #expect(refusal == RetryAfterRefusal(status: 502, seconds: 9, form: .asctime, hasDate: false))
        #expect(header("Date", refusal.response(now: 0)) == nil)
        #expect(document.status == 200)
        #expect(String(decoding: document.body, as: UTF8.self).contains(#""message":"m""#))
    }
}
