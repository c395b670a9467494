/// Random identifiers and secrets, different in every run.
enum Random {
    static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: .min ... .max) } }

    static func hex(bytes count: Int) -> String { Hex.encode(bytes(count)) }

    /// A version 4 UUID in lower case.
    static func uuid() -> String {
        var raw = bytes(16)
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        let text = Hex.encode(raw)
        var parts: [Substring] = []
        var rest = text[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    static func alphanumeric(_ count: Int) -> String {
        let alphabet = Base64.urlAlphabet.dropLast(2)
        return String(decoding: (0..<count).compactMap { _ in alphabet.randomElement() }, as: UTF8.self)
    }

    /// An id of a party link: 22 characters of the base64url alphabet.
    static func linkId(startingWithDash: Bool) -> String {
        let tail = (0..<21).compactMap { _ in Base64.urlAlphabet.randomElement() }
        let first = startingWithDash ? UInt8(ascii: "-") : UInt8(ascii: "k")
        return String(decoding: [first] + tail, as: UTF8.self)
    }
}

/// Whether a text has the form of a UUID.
func isUUID(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.utf8.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(\.isHexDigit) }
}
