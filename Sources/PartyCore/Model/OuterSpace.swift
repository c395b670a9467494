extension StringProtocol {
    /// The text without white space and line ends around it, and without a byte order mark at its start.
    package var withoutOuterSpace: String {
        // Most texts have none, and every start of the program asks this of its settings.
        guard first?.isOuterSpace == true || last?.isWhitespace == true else { return String(self) }
        let kept = drop(while: \.isOuterSpace)
        return String(kept.reversed().drop(while: \.isWhitespace).reversed())
    }
}

extension Character {
    fileprivate var isOuterSpace: Bool { isWhitespace || self == "\u{FEFF}" }
}
