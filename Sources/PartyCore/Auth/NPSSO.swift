/// The cookie of a signed-in browser: 64 characters, the JSON page that shows them (docs/protocol.md, 2.2), or the
/// cookie as copied from the developer tools of a browser.
package struct NPSSO: Sendable {
    /// The 64 characters.
    package let value: Redacted<String>

    /// - Throws: `.badData`, with the kind of the text if it is known.
    package init(_ input: Redacted<String>) throws(PartyError) {
        let text = Self.unquoted(Self.unmarked(input.reveal()))
        let npsso: String
        if text.hasPrefix("{") {
            npsso = try Self.npsso(inPage: text)
        } else if text.hasPrefix("<") {
            throw Self.problem(
                "this is a web page, not an NPSSO", hint: "open the JSON page that shows the NPSSO, and copy that one")
        } else {
            npsso = Self.unquoted(Self.npsso(inCookie: text) ?? text)
        }
        guard npsso.utf8.count == 64, npsso.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\";".utf8.contains($0) })
        else {
            throw Self.problem(
                "this is not an NPSSO: expected 64 characters, or the JSON page that contains them", hint: nil)
        }
        value = Redacted(npsso)
    }

    /// Whether more lines belong to the input: it is empty, or an incomplete JSON page.
    package static func isIncomplete(_ input: Redacted<String>) -> Bool {
        let text = unmarked(input.reveal())
        return text.isEmpty || text.hasPrefix("{") && !JSONText.isValid(Array(text.utf8))
    }

    /// Without the byte order mark that Windows programs write, and without the white space around the rest.
    private static func unmarked(_ text: String) -> String {
        let text = text.trimmed
        guard text.unicodeScalars.first == "\u{FEFF}" else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.dropFirst())).trimmed
    }

    private static func unquoted(_ text: String) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote else {
            return text
        }
        return String(text.dropFirst().dropLast()).trimmed
    }

    private static func npsso(inPage text: String) throws(PartyError) -> String {
        guard let page = try? JSONDocument(Array(text.utf8)).root else {
            throw problem(
                "the JSON page with the NPSSO is damaged or incomplete", hint: "copy the whole page, from { to }")
        }
        if let npsso = page["npsso"]?.text { return npsso.trimmed }
        throw problem(
            page["error"] == nil
                ? "the JSON page contains no NPSSO" : "the page says that its browser is not signed in to the service",
            hint: "sign in to the service in that browser, then load the page again")
    }

    /// The value of `npsso=…`, alone, among other cookies, or in a header line.
    private static func npsso(inCookie text: String) -> String? {
        let fields = text.split { $0 == ";" || $0.isWhitespace }
        return fields.lazy.compactMap { field -> String? in
            let parts = field.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0].lowercased() == "npsso" ? String(parts[1]) : nil
        }.first
    }

    private static func problem(_ message: String, hint: String?) -> PartyError {
        PartyError(.badData, message, step: "sign-in", hint: hint)
    }
}
