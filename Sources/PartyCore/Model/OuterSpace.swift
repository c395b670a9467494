extension StringProtocol {
    /// The text without the white space and line ends around it.
    package var withoutOuterSpace: String {
        // Most texts have none, and every start of the program asks this of its settings.
        guard first?.isWhitespace == true || last?.isWhitespace == true else { return String(self) }
        let kept = drop(while: \.isWhitespace)
        return String(kept.reversed().drop(while: \.isWhitespace).reversed())
    }
}
