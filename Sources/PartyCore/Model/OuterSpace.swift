extension StringProtocol {
    /// The text without the white space and line ends around it, nor the byte order mark that a file may begin with.
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
