/// The 44 bytes in front of a signal's text, little-endian (docs/protocol.md, 6.2).
struct SignalHeader: Equatable {
    static let length = 44

    var senderID: UInt64
    var senderPlatform: Int64
    /// Bytes of prefix and JSON after the header.
    var textLength: Int
    var counter: UInt64 = 1

    var bytes: [UInt8] {
        littleEndian(1, 4) + littleEndian(0, 4) + littleEndian(counter, 4) + littleEndian(0, 4)
            + littleEndian(senderID, 8) + littleEndian(UInt64(truncatingIfNeeded: senderPlatform), 4)
            + [UInt8](repeating: 0, count: 12) + littleEndian(UInt64(textLength), 4)
    }

    /// Reads a header whose text starts at `textStart`: the length stands right before it, the sender where it always does.
    init(reading content: [UInt8], textStart: Int) {
        counter = content.littleEndian(at: 8, 4)
        senderID = content.littleEndian(at: 16, 8)
        senderPlatform = Int64(content.littleEndian(at: 24, 4))
        textLength = Int(content.littleEndian(at: textStart - 4, 4))
    }

    init(sender: Signal.Endpoint, platformNumber: Int64, textLength: Int) {
        senderID = sender.accountID.number
        senderPlatform = platformNumber
        self.textLength = textLength
    }

    /// Where the text starts: after 44 bytes, or, with a header of another length, where `N/N/N` and a line feed stand.
    static func textStart(in content: [UInt8]) -> Int? {
        if content.count > length {
            let isJSON = content[length] == UInt8(ascii: "{")
            if isJSON || prefixLength(of: content, at: length) != nil { return length }
        }
        let shortest = 32
        let longest = min(96, content.count)
        guard shortest < longest else { return nil }
        return (shortest..<longest).first { prefixLength(of: content, at: $0) != nil }
    }

    /// The length of `digits/digits/digits` and a line feed at that place.
    static func prefixLength(of content: [UInt8], at start: Int) -> Int? {
        var position = start
        for separator in [UInt8(ascii: "/"), UInt8(ascii: "/"), 0x0A] {
            let digits = position
            while position < content.count, content[position] &- 0x30 < 10 { position += 1 }
            guard position > digits, position < content.count, content[position] == separator else { return nil }
            position += 1
        }
        return position - start
    }
}

private func littleEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
}

extension [UInt8] {
    fileprivate func littleEndian(at offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(self[offset + $1]) }
    }
}
