extension StringProtocol {
    /// The text without the white space and line ends around it.
    package var withoutOuterSpace: String {
        // Most texts have none, and every start of the program asks this of its settings.
        if let first = utf8.first, let last = utf8.last, isPrintable(first), isPrintable(last) { return String(self) }
        let kept = drop(while: \.isWhitespace)
        return String(kept.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Whether the byte is an ASCII character that is no white space.
    private func isPrintable(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}
