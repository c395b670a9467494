import PartyCore
import Testing

struct PushAnswerTests {
    private static func answer(_ text: String) -> PushAnswer? { PushAnswer(Array(text.utf8)) }

    @Test func `the two answers of the page`() throws {
        #expect(Self.answer(#"{"method":1003,"tranId":"1","returnCode":0}"#) == PushAnswer(.status))
        let figures = #"{"clientKeepAliveInterval":10000,"clientKeepAliveTimeout":40000,"serverPresenceTimeout":20000}"#
        let answer = Self.answer(#"{"method":1007,"returnCode":0,"keepAliveStatus":\#(figures),"tranId":"2"}"#)
        let expected = KeepAlive(
            pingInterval: .seconds(10), answerTimeout: .seconds(10), presenceTimeout: .seconds(20))
        #expect(answer == PushAnswer(.keepAliveType, keepAlive: expected))
        #expect(answer?.complaint == nil)
    }

    @Test(arguments: [
        "{}", "[]", "", "null", "1003", #"{"method":3001}"#, #"{"method":"x"}"#, #"{"method":1004,"returnCode":1}"#,
        #"{"method":1003.5}"#, #"{"method":1003"#,
    ])
    func `any other message is no answer`(_ text: String) {
        #expect(Self.answer(text) == nil)
    }

    @Test func `a long message is not looked at`() {
        let padding = String(repeating: "x", count: 500)
        #expect(Self.answer(#"{"method":1003,"padding":"\#(padding)"}"#) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("null", 0), (#""0""#, 0), ("5", 5), ("-1", -1), (#""7""#, 7), ("1.5", -1), ("{}", -1),
            ("9223372036854775807", .max), ("99999999999999999999", -1), (#""no""#, -1),
        ] as [(String, Int64)])
    func `a return code is read, and an invalid one is no success`(_ code: String, _ expected: Int64) {
        let answer = Self.answer(#"{"method":1003,"returnCode":\#(code)}"#)
        #expect(answer?.returnCode == expected)
        #expect((answer?.complaint == nil) == (expected == 0))
    }

    @Test(arguments: [
        ("120", "retry after 120 s"), ("0", nil), ("-3", nil), ("120000", nil), ("99999999999999999999", nil),
    ])
    func `a wait is reported only within its range`(_ interval: String, _ words: String?) throws {
        let answer = Self.answer(#"{"method":1007,"returnCode":3,"retryInterval":\#(interval)}"#)
        let complaint = try #require(answer?.complaint)
        #expect(complaint.contains("the frame with the keep-alive type (return code 3"))
        #expect(complaint.contains("retry after") == (words != nil))
        if let words { #expect(complaint.contains(words)) }
    }

    @Test(arguments: [("5", nil), ("null", nil), ("[]", nil), ("{}", 30)] as [(String, Int64?)])
    func `intervals need an object, missing ones are the default`(_ figures: String, _ interval: Int64?) {
        let answer = Self.answer(#"{"method":1007,"returnCode":0,"keepAliveStatus":\#(figures)}"#)
        #expect(answer?.keepAlive?.pingInterval == interval.map { .seconds($0) })
    }
}
