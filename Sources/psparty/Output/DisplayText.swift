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
