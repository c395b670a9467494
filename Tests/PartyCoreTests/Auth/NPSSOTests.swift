import PartyCore
import Testing

struct NPSSOTests {
    private static let npsso = String(repeating: "n", count: 64)

    private static let forms = [
        npsso, "\(npsso)\r\n", "\u{FEFF}\(npsso)\r\n", "  \"\(npsso)\" ", "'\(npsso)'", "npsso=\(npsso)",
        "NPSSO=\(npsso);", "a=b; npsso=\(npsso); c=d", "Cookie: npsso=\(npsso)", "npsso=\"\(npsso)\"",
        "Set-Cookie: npsso=\(npsso); Path=/; Secure", "{\"npsso\":\"\(npsso)\"}",
        "\n\r\n{\r\n  \"npsso\": \"\(npsso)\"\r\n}\r\n", "\u{FEFF}{\"npsso\":\" \(npsso) \",\"x\":null}",
    ]

    @Test(arguments: forms)
    func `an NPSSO is read in each of its forms`(_ form: String) throws {
        #expect(try NPSSO(Redacted(form)).value.reveal() == Self.npsso)
        #expect(!NPSSO.isIncomplete(Redacted(form)))
    }

    @Test(arguments: [
        ("{\n  \"error\": \"invalid_grant\",\n  \"error_code\": 20\n}", "not signed in"),
        ("{\"npsso\":\"\",\"error\":\"x\"}", "not signed in"), ("{\"npsso\":null}", "contains no NPSSO"),
        ("{\"npsso\":", "damaged"), ("<html></html>", "web page"), ("abc", "64 characters"),
        (String(repeating: "n", count: 63) + ";", "64 characters"),
        (String(repeating: "\u{E9}", count: 32), "64 characters"),
    ])
    func `other input is named without its text`(_ text: String, _ words: String) {
        let error = #expect(throws: PartyError.self) { _ = try NPSSO(Redacted(text)) }
        #expect(error?.kind == .badData)
        #expect(error?.message.contains(words) == true)
        #expect(error?.message.contains("nnn") == false)
    }

    @Test(arguments: ["", "\n", "\u{FEFF}", "{", "\r\n{\r\n  \"npsso\": \"x\",\r\n"])
    func `an incomplete page needs more lines`(_ text: String) {
        #expect(NPSSO.isIncomplete(Redacted(text)))
    }
}
