/// Reads the start of a text from outside. It removes the UTF-8 byte order mark of Windows programs, and refuses
/// UTF-16, which PowerShell writes.
package struct TextStart: Sendable {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// The bytes so far, while they may be the start of a mark; `nil` after that.
    private var held: [UInt8]? = []

    package init() {}

    /// The text in the next piece; empty while too few bytes have arrived.
    /// - Throws: `CodecError` if the text is UTF-16.
    package mutating func take(_ piece: [UInt8]) throws(CodecError) -> [UInt8] {
        guard let held else { return piece }
        let bytes = held + piece
        if Self.isUTF16(bytes) { throw CodecError("the text is UTF-16, not UTF-8", at: 0) }
        guard bytes.count >= Self.mark.count || !Self.mark.starts(with: bytes) else {
            self.held = bytes
            return []
        }
        self.held = nil
        return bytes.starts(with: Self.mark) ? Array(bytes.dropFirst(Self.mark.count)) : bytes
    }

    package var isAtStart: Bool { held != nil }

    /// The bytes that were held back, at the end of the text.
    package mutating func end() -> [UInt8] {
        defer { held = nil }
        return held ?? []
    }

    /// The whole text without its mark.
    package static func text(_ bytes: [UInt8]) throws(CodecError) -> [UInt8] {
        var start = TextStart()
        return try start.take(bytes) + start.end()
    }

    /// True with a UTF-16 mark, or with a zero byte beside the first character, which UTF-8 texts do not have.
    private static func isUTF16(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 1 else { return false }
        let pair = (bytes[0], bytes[1])
        return pair == (0xFF, 0xFE) || pair == (0xFE, 0xFF) || (pair.0 == 0) != (pair.1 == 0)
    }
}
