extension String {
    /// The text made safe for a terminal: control characters, escape sequences, line breaks and what reorders or hides text
    /// are shown as `\u{…}` instead of taking effect. Names and messages that others chose pass through here.
    var displayed: String {
        guard unicodeScalars.contains(where: \.isTreacherous) else { return self }
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isTreacherous {
                shown.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                shown.append(scalar)
            }
        }
        return String(shown)
    }
}

extension [UInt8] {
    /// JSON made safe for a terminal: what acts on it or on the order of text stands as an escape of JSON, `\uXXXX`, so that the
    /// JSON means the same. Of what is no JSON, or no UTF-8, it is only visible.
    var displayedJSON: [UInt8] {
        guard contains(where: { $0 >= 0x7F || $0 < 0x20 && $0 != 0x0A && $0 != 0x09 }) else { return self }
        var shown: [UInt8] = []
        shown.reserveCapacity(count)
        let scalars = String(decoding: self, as: UTF8.self).unicodeScalars
        for (index, scalar) in zip(scalars.indices, scalars) {
            switch scalar {
            case "\n", "\t": shown.append(UInt8(scalar.value))
            case "\r":
                // It stands between values, where a line end means the same and overwrites nothing.
                let next = scalars.index(after: index)
                if next == scalars.endIndex || scalars[next] != "\n" { shown.append(0x0A) }
            // A byte order mark is no part of the JSON.
            case "\u{FEFF}" where index == scalars.startIndex: break
            case _ where scalar.isTreacherous:
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
    /// The text as an error message quotes it: made safe, and cut where it is long.
    var quoted: String { cut(to: 80).displayed }

    /// The start of the text, with `…` where something is left out.
    func cut(to limit: Int) -> String {
        let start = prefix(limit)
        return String(start) + (start.endIndex == endIndex ? "" : "…")
    }
}

extension Unicode.Scalar {
    /// Whether it acts on the terminal or on the order of text rather than being text.
    fileprivate var isTreacherous: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
        case .format:
            // Joiners shape emoji and several scripts; the rest of the class reorders or hides.
            return value != 0x200C && value != 0x200D
        default: return false
        }
    }
}
