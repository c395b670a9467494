/// A key that a full-screen view understands.
enum ScreenKey: Sendable, Equatable {
    case quit, help, escape, redraw
    case up, down, pageUp, pageDown, first, last
}

/// Reads keys from the bytes that a terminal sends. Unknown keys and sequences are skipped.
struct ScreenKeyDecoder: Sendable {
    /// A sequence that is not complete yet.
    private var pending: [UInt8] = []

    /// A longer sequence is none that a terminal sends.
    private static let limit = 32
    private static let escape: UInt8 = 0x1B

    /// - Parameter bytes: what one read returned. Terminals send a sequence in one piece, so an escape at the end of a read is
    ///   the Escape key.
    mutating func keys(in bytes: [UInt8]) -> [ScreenKey] {
        var keys: [ScreenKey] = []
        for byte in bytes {
            if byte == Self.escape {
                if !pending.isEmpty { keys.append(.escape) }
                pending = [byte]
            } else if pending.isEmpty {
                if let key = Self.letters[byte] { keys.append(key) }
            } else {
                pending.append(byte)
                if let key = take() { keys.append(key) }
            }
        }
        if pending == [Self.escape] {
            pending = []
            keys.append(.escape)
        }
        return keys
    }

    /// The key of the pending sequence if it is complete (ECMA-48, 5.4: a final byte of 40 to 7E ends it).
    private mutating func take() -> ScreenKey? {
        guard let last = pending.last else { return nil }
        let isIntroduced = pending.count > 2 && (pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O"))
        if pending.count == 2, last == UInt8(ascii: "[") || last == UInt8(ascii: "O") { return nil }
        guard !isIntroduced || 0x40...0x7E ~= last || pending.count > Self.limit else { return nil }
        defer { pending = [] }
        guard isIntroduced else { return nil }
        return Self.sequences[String(decoding: pending.dropFirst(2), as: UTF8.self)]
    }

    private static let letters: [UInt8: ScreenKey] = [
        UInt8(ascii: "q"): .quit, UInt8(ascii: "Q"): .quit, UInt8(ascii: "?"): .help, UInt8(ascii: "h"): .help,
        UInt8(ascii: "k"): .up, UInt8(ascii: "j"): .down, UInt8(ascii: "g"): .first, UInt8(ascii: "G"): .last,
        UInt8(ascii: "b"): .pageUp, UInt8(ascii: " "): .pageDown, 0x0C: .redraw,
    ]

    /// Without the introducer (XTerm Control Sequences, PC-style function keys; the numbers also of rxvt and the console).
    private static let sequences: [String: ScreenKey] = [
        "A": .up, "B": .down, "H": .first, "F": .last, "5~": .pageUp, "6~": .pageDown, "1~": .first, "7~": .first,
        "4~": .last, "8~": .last,
    ]
}
