/// The cookie of a browser that is signed in, in the forms in which people have it at hand: 64 characters, the JSON page that
/// shows them (docs/protocol.md, 2.2), or the cookie as a browser's tools copy it.
package struct NPSSO: Sendable {
    /// The 64 characters.
    package let value: Redacted<String>

    /// - Throws: `.badData`, which says what the text is instead.
    package init(_ input: Redacted<String>) throws(PartyError) {
        let text = Self.unquoted(Self.unmarked(input.reveal()))
        let npsso: String
        if text.hasPrefix("{") {
            npsso = try Self.npsso(inPage: text)
        } else if text.hasPrefix("<") {
            throw Self.problem(
                "this is a web page, not an NPSSO", hint: "save the JSON page that shows the NPSSO, not another one")
        } else {
            npsso = Self.unquoted(Self.npsso(inCookie: text) ?? text)
        }
        guard npsso.utf8.count == 64, npsso.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\";".utf8.contains($0) })
        else {
            throw Self.problem(
                "this is no NPSSO: 64 characters, or the JSON page that holds them, are expected", hint: nil)
        }
        value = Redacted(npsso)
    }

    /// Whether more lines belong to the input: none has come, or a JSON page that is not whole yet.
    package static func isIncomplete(_ input: Redacted<String>) -> Bool {
        let text = unmarked(input.reveal())
        return text.isEmpty || text.hasPrefix("{") && !JSONText.isValid(Array(text.utf8))
    }

    /// Without the byte order mark that Windows programs write, and without the white space around the rest.
    private static func unmarked(_ text: String) -> String {
        let text = text.withoutOuterSpace
        guard text.unicodeScalars.first == "\u{FEFF}" else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.dropFirst())).withoutOuterSpace
    }

    private static func unquoted(_ text: String) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote else {
            return text
        }
        return String(text.dropFirst().dropLast()).withoutOuterSpace
    }

    private static func npsso(inPage text: String) throws(PartyError) -> String {
        guard let page = try? JSONDocument(Array(text.utf8)).root else {
            throw problem(
                "the JSON page with the NPSSO is damaged or not whole", hint: "copy the whole page, from { to }")
        }
        if let npsso = page["npsso"]?.text { return npsso.withoutOuterSpace }
        throw problem(
            page["error"] == nil
                ? "the JSON page holds no NPSSO" : "that page says that its browser is not signed in to the service",
            hint: "sign in there with that browser first, then load the page again: so far you are not signed in")
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
