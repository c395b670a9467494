extension String {
    /// The width of the text in terminal columns.
    var columns: Int {
        // Most text is ASCII, whose characters need no look at their properties.
        if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return utf8.count }
        return reduce(0) { $0 + $1.columns }
    }

    /// The text padded with spaces to this width.
    func padded(toColumns width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - columns))
    }

    /// The text truncated to this width; `…` marks the cut.
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
    /// 2 for wide characters and emoji, which may have many scalars; 0 for combining characters.
    var columns: Int {
        let scalars = unicodeScalars
        let isEmoji = scalars.first?.properties.isEmoji == true && scalars.contains { $0.value == 0xFE0F }
        let isFlag = scalars.count == 2 && scalars.allSatisfy(\.isRegionalIndicator)
        if isEmoji || isFlag { return 2 }
        // A zero-width joiner combines several emoji into one.
        if scalars.contains(where: { $0.value == 0x200D }), scalars.contains(where: \.isWide) { return 2 }
        // A skin tone modifier is wide alone, but has no width after an emoji.
        let shown = scalars.enumerated().filter { $0.offset == 0 || !$0.element.properties.isEmojiModifier }
        return shown.reduce(0) { $0 + $1.element.columns }
    }
}

extension Unicode.Scalar {
    fileprivate var isRegionalIndicator: Bool { (0x1F1E6...0x1F1FF).contains(value) }

    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: 0
        // Hangul vowels and final consonants (conjoining jamo) are drawn into the initial consonant.
        case _ where (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value): 0
        default: isWide ? 2 : 1
        }
    }
}
