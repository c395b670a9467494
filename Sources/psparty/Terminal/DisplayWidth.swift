extension String {
    /// How many columns of a terminal the text takes.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text with blanks behind it, up to that many columns.
    func padded(toColumns width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - columns))
    }

    /// The text, or as much of its start as fits in that many columns with `…` behind it.
    func cut(toColumns width: Int) -> String {
        guard columns > width else { return self }
        var (kept, used) = ("", 0)
        for character in self {
            guard used + character.columns < width else { break }
            kept.append(character)
            used += character.columns
        }
        return kept + "…"
    }
}

extension Character {
    /// 2 for wide characters and emoji, which may be of many scalars; 0 for what only changes a neighbour.
    var columns: Int {
        let scalars = unicodeScalars
        let isEmoji = scalars.first?.properties.isEmoji == true && scalars.contains { $0.value == 0xFE0F }
        let isFlag = scalars.count == 2 && scalars.allSatisfy(\.isRegionalIndicator)
        if isEmoji || isFlag { return 2 }
        // A family of emoji is joined into one picture.
        if scalars.contains(where: { $0.value == 0x200D }), scalars.contains(where: \.isWide) { return 2 }
        // A skin tone is wide by itself and takes no room behind an emoji.
        let shown = scalars.enumerated().filter { $0.offset == 0 || !$0.element.properties.isEmojiModifier }
        return shown.reduce(0) { $0 + $1.element.columns }
    }
}

extension Unicode.Scalar {
    fileprivate var isRegionalIndicator: Bool { (0x1F1E6...0x1F1FF).contains(value) }

    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: 0
        // Vowels and final consonants of Hangul written in pieces are drawn into the first one.
        case _ where (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value): 0
        default: isWide ? 2 : 1
        }
    }
}
