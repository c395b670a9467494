extension String {
    /// The text made safe for a terminal: control characters, escape sequences, line breaks and characters that reorder or
    /// hide text are shown as `\u{…}`. All text from other people passes through here.
    var displayed: String {
        guard unicodeScalars.contains(where: \.isUnsafeOnTerminal) else { return self }
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isUnsafeOnTerminal {
                shown.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                shown.append(scalar)
            }
        }
        return String(shown)
    }
}

extension [UInt8] {
    /// JSON made safe for a terminal: characters that act on the terminal or reorder text become JSON escapes, `\uXXXX`, so
    /// that the JSON keeps its meaning. Bytes that are not JSON or not UTF-8 are only made visible.
    var displayedJSON: [UInt8] {
        guard contains(where: { $0 >= 0x7F || $0 < 0x20 && $0 != 0x0A && $0 != 0x09 }) else { return self }
        var shown: [UInt8] = []
        shown.reserveCapacity(count)
        let scalars = String(decoding: self, as: UTF8.self).unicodeScalars
        for (index, scalar) in zip(scalars.indices, scalars) {
            switch scalar {
            case "\n", "\t": shown.append(UInt8(scalar.value))
            case "\r":
                // A carriage return occurs only between values, where a line feed has the same meaning and overwrites nothing.
                let next = scalars.index(after: index)
                if next == scalars.endIndex || scalars[next] != "\n" { shown.append(0x0A) }
            // A byte order mark is not part of the JSON.
            case "\u{FEFF}" where index == scalars.startIndex: break
            case _ where scalar.isUnsafeOnTerminal:
                for unit in String(scalar).utf16 { shown += Self.escape(unit) }
            default: shown += String(scalar).utf8
            }
        }
        return shown
    }

    private static func escape(_ unit: UInt16) -> [UInt8] {
        let digits = String(unit, radix: 16)
        return Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
    }
}

extension String {
    /// The text for an error message: made safe and truncated.
    var quoted: String { cut(to: 80).displayed }

    /// The text truncated to `limit` characters; `…` marks the cut.
    func cut(to limit: Int) -> String {
        let start = prefix(limit)
        return String(start) + (start.endIndex == endIndex ? "" : "…")
    }
}

extension Unicode.Scalar {
    /// Whether the character acts on the terminal, or reorders or hides text.
    fileprivate var isUnsafeOnTerminal: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
        case .format:
            // Joiners are needed for emoji and several scripts; the other format characters reorder or hide text.
            return value != 0x200C && value != 0x200D
        default: return false
        }
    }
}
