extension StringProtocol {
    /// The text without white space and line ends around it, and without a byte order mark at its start.
    package var trimmed: String {
        // A short cut: most texts have no white space to remove, and each start of the program trims all settings.
        guard first?.isTrimmed == true || last?.isWhitespace == true else { return String(self) }
        let kept = drop(while: \.isTrimmed)
        return String(kept.reversed().drop(while: \.isWhitespace).reversed())
    }
}

extension Character {
    fileprivate var isTrimmed: Bool { isWhitespace || self == "\u{FEFF}" }
}
