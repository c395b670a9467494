import PartyCore

/// A secret, or the id that goes with one, as environment, config file or a prompt give it: a word of ASCII, and nothing around it.
enum SecretText {
    /// - Throws: what is wrong with the value, without a part of it.
    static func check(_ value: String) throws(BadValue) {
        if let quote = value.first, "\"'`\u{201C}\u{2018}".contains(quote) {
            throw BadValue("the value stands in quotes", hint: "give it without them")
        }
        for scheme in ["bearer", "basic"] where value.lowercased().hasPrefix(scheme + " ") {
            throw BadValue("the value begins with \(scheme.capitalizedWord)", hint: "give what follows it alone")
        }
        let bytes = value.utf8
        guard bytes.allSatisfy({ $0 < 0x80 }) else {
            throw BadValue("the value holds characters other than ASCII", hint: nil)
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw BadValue("the value holds a line break or another control character", hint: nil)
        }
        guard !bytes.contains(0x20) else { throw BadValue("the value holds white space", hint: nil) }
        guard !bytes.contains(UInt8(ascii: "\"")) else { throw BadValue("the value holds a quote", hint: nil) }
    }
}

extension String {
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst() }
}
