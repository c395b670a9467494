extension StringProtocol {
    /// The text without the white space and line ends around it.
    package var withoutOuterSpace: String {
        let kept = drop(while: \.isWhitespace)
        return String(kept.reversed().drop(while: \.isWhitespace).reversed())
    }
}
