import PartyCore

/// Checks a secret or client id from the environment, the config file or a prompt: one ASCII word without spaces or quotes.
enum SecretText {
    /// - Throws: the problem with the value. The message contains no part of the value.
    static func check(_ value: String) throws(BadValue) {
        if let quote = value.first, "\"'`\u{201C}\u{2018}".contains(quote) {
            throw BadValue("the value is in quotes", hint: "remove the quotes")
        }
        for scheme in ["bearer", "basic"] where value.lowercased().hasPrefix(scheme + " ") {
            throw BadValue(
                "the value begins with \(scheme.capitalizedWord)", hint: "remove that word and the space after it")
        }
        let bytes = value.utf8
        guard bytes.allSatisfy({ $0 < 0x80 }) else {
            throw BadValue("the value contains characters other than ASCII", hint: nil)
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw BadValue("the value contains a line break or another control character", hint: nil)
        }
        guard !bytes.contains(0x20) else { throw BadValue("the value contains white space", hint: nil) }
        guard !bytes.contains(UInt8(ascii: "\"")) else { throw BadValue("the value contains a quote", hint: nil) }
    }
}

extension String {
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst() }
}
