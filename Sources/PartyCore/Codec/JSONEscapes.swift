/// Resolves the escapes of a JSON string whose grammar the scanner has checked. A lone surrogate becomes U+FFFD.
func unescapedJSON(_ content: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(content.count)
    let bytes = content.span
    // What needs no change is copied in whole runs: in an SDP there is an escape at each line's end and nowhere else.
    var run = 0
    var position = 0
    while position < bytes.count {
        guard bytes[position] == UInt8(ascii: "\\") else {
            position += 1
            continue
        }
        text.append(contentsOf: content[(content.startIndex + run)..<(content.startIndex + position)])
        position = appendUnescaped(bytes, at: position, to: &text)
        run = position
    }
    text.append(contentsOf: content[(content.startIndex + run)...])
    return text
}

/// - Parameter position: of a backslash.
/// - Returns: the place behind the escape.
private func appendUnescaped(_ bytes: Span<UInt8>, at position: Int, to text: inout [UInt8]) -> Int {
    switch bytes[position + 1] {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "u"): return appendCodePoint(bytes, at: position, to: &text)
    case let plain: text.append(plain)
    }
    return position + 2
}

/// Of `\uXXXX`, or of two such that are a surrogate pair.
private func appendCodePoint(_ bytes: Span<UInt8>, at position: Int, to text: inout [UInt8]) -> Int {
    let unit = codeUnit(bytes, at: position)
    var next = position + 6
    var scalar = Unicode.Scalar(unit)
    if unit & 0xFC00 == 0xD800, next + 6 <= bytes.count, bytes[next] == UInt8(ascii: "\\"),
        bytes[next + 1] == UInt8(ascii: "u")
    {
        let low = codeUnit(bytes, at: next)
        if low & 0xFC00 == 0xDC00 {
            scalar = Unicode.Scalar(0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(low & 0x3FF)))
            next += 6
        }
    }
    text.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
    return next
}

private func codeUnit(_ bytes: Span<UInt8>, at position: Int) -> UInt16 {
    (2..<6).reduce(0) { unit, offset in
        let digit = bytes[position + offset]
        return unit << 4 | UInt16(digit < 0x3A ? digit - 0x30 : (digit | 0x20) - 0x57)
    }
}

extension [UInt8] {
    /// Appends a text as JSON writes it between its quotes: `/` plain, line ends and tabs by letter.
    mutating func appendEscapedJSON(_ text: String) {
        let source = Array(text.utf8)
        let bytes = source.span
        reserveCapacity(count + source.count + 16)
        var run = 0
        for position in bytes.indices where bytes[position].needsEscape {
            append(contentsOf: source[run..<position])
            appendEscape(of: bytes[position])
            run = position + 1
        }
        append(contentsOf: source[run...])
    }

    private mutating func appendEscape(of byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x00..<0x20:
            append(contentsOf: "u00".utf8)
            append(hexDigit(byte >> 4))
            append(hexDigit(byte & 15))
        default: append(byte)
        }
    }
}

private func hexDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
}

extension UInt8 {
    /// Whether JSON cannot have it in a string as it is.
    fileprivate var needsEscape: Bool { self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") }
}

extension OutputSpan<UInt8> {
    /// Appends text that stands in a JSON string as it is.
    /// - Returns: whether it does; if not, nothing is appended.
    mutating func append(plainJSON text: Span<UInt8>) -> Bool {
        for index in text.indices {
            let byte = text[index]
            guard !byte.needsEscape else {
                removeLast(index)
                return false
            }
            append(byte)
        }
        return true
    }
}
