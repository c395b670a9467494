/// Removes secrets from headers, URLs and texts of the wire, so that they can be shown. It has the only table of secret
/// names.
package enum Redaction {
    package static let mark = "<redacted>"

    /// Names of JSON keys, query fields and headers, in lower case, letters and digits only. Every name that ends in
    /// `token`, `secret`, `password` or `cookie` is secret too.
    private static let names: Set<String> = [
        // Sign-in. `cid` has the value of `state`, and the correlation id that of `cid`.
        "authorization", "proxyauthorization", "npsso", "code", "state", "cid", "xpsncorrelationid", "xcorrelationid",
        "auth", "authzc", "credential", "username",
        // Devices and addresses of users.
        "duid", "deviceuniqueid", "deviceid", "userdeviceip",
        // Voice: with these a stranger could join the call or find its members.
        "sdp", "payload", "iceufrag", "icepwd", "ufrag", "pwd", "fingerprint", "candidate", "candidates",
    ]

    package static func isSecret(_ name: String) -> Bool {
        let plain = String(name.lowercased().filter { $0.isLetter || $0.isNumber })
        return names.contains(plain) || ["token", "secret", "password", "cookie"].contains(where: plain.hasSuffix)
    }

    package static func header(_ header: HeaderField) -> String {
        guard case .plain(let value) = header.value, !isSecret(header.name) else { return "\(header.name): \(mark)" }
        return "\(header.name): \(url(value))"
    }

    /// A URL, or any text that may be one, without the values of secret query fields. Names and the rest stay.
    package static func url(_ text: String) -> String {
        guard let start = text.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return scrubbed(text) }
        var shown = ""
        var field = ""
        func close() {
            let name = field.prefix { $0 != "=" }
            shown += name.count < field.count && isSecret(String(name)) ? "\(name)=\(mark)" : scrubbed(field)
            field = ""
        }
        for character in text[text.index(after: start)...] {
            guard "&?#".contains(character) else {
                field.append(character)
                continue
            }
            close()
            shown.append(character)
        }
        close()
        return scrubbed(String(text[..<start])) + String(text[start]) + shown
    }

    /// A text from outside without texts in the form of a secret: tokens (JWT), authorization codes, device ids. An SDP
    /// and the payload of a message are removed completely.
    package static func scrubbed(_ text: String) -> String {
        guard !isSessionDescription(text) else { return mark }
        var shown = ""
        var word = ""
        for character in text {
            if character.isASCII, character.isLetter || character.isNumber || "._-".contains(character) {
                word.append(character)
            } else {
                shown += looksSecret(word) ? mark : word
                shown.append(character)
                word = ""
            }
        }
        return shown + (looksSecret(word) ? mark : word)
    }

    private static func isSessionDescription(_ text: String) -> Bool {
        text.hasPrefix("ver=1.0, type=")
            || ["a=ice-", "a=fingerprint:", "a=candidate:", "candidate:", "o=- "].contains { text.contains($0) }
    }

    private static func looksSecret(_ word: String) -> Bool {
        guard word.utf8.count >= 8 else { return false }
        let isToken = word.utf8.count >= 20 && word.contains("eyJ") && word.contains(".")
        let isDevice = word.utf8.count >= 32 && word.hasPrefix("00000007") && word.allSatisfy(\.isHexDigit)
        // An NPSSO; a digest of that length has hexadecimal digits only.
        let isCookie =
            word.utf8.count == 64 && word.allSatisfy { $0.isLetter || $0.isNumber } && !word.allSatisfy(\.isHexDigit)
        return isToken || isDevice || isCookie || word.hasPrefix("v3.")
    }
}
