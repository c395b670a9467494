/// Walks over a JSON text once, checks its grammar (RFC 8259) and UTF-8, and notes where each value stands.
struct JSONScanner {
    private(set) var nodes: [JSONDocument.Node] = []
    private var position = 0

    private static let maximumDepth = 128

    mutating func scan(_ bytes: Span<UInt8>) throws(CodecError) {
        nodes.reserveCapacity(bytes.count / 16 + 4)
        // RFC 8259, 8.1: a reader may ignore a byte order mark, which some programs write.
        if bytes.count > 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        skipWhitespace(bytes)
        try value(bytes, depth: 0)
        skipWhitespace(bytes)
        guard position == bytes.count else { throw fault("something follows the JSON value") }
    }

    private func fault(_ problem: String) -> CodecError {
        CodecError(problem, at: position)
    }

    private mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(CodecError) {
        guard position < bytes.count else { throw fault("the JSON text ends too early") }
        switch bytes[position] {
        case UInt8(ascii: "{"): try object(bytes, depth: depth)
        case UInt8(ascii: "["): try array(bytes, depth: depth)
        case UInt8(ascii: "\""): try string(bytes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(bytes)
        case UInt8(ascii: "t"): try literal(bytes, "true", .bool)
        case UInt8(ascii: "f"): try literal(bytes, "false", .bool)
        case UInt8(ascii: "n"): try literal(bytes, "null", .null)
        default: throw fault("not a JSON value")
        }
    }

    private mutating func open(_ kind: JSONDocument.Kind, depth: Int) throws(CodecError) -> Int {
        guard depth < Self.maximumDepth else { throw fault("JSON values are nested too deep") }
        nodes.append(JSONDocument.Node(kind: kind, start: Int32(position), end: 0, next: 0))
        position += 1
        return nodes.count - 1
    }

    private mutating func close(_ index: Int) {
        position += 1
        nodes[index].end = Int32(position)
        nodes[index].next = Int32(nodes.count)
    }

    private mutating func object(_ bytes: Span<UInt8>, depth: Int) throws(CodecError) {
        let index = try open(.object, depth: depth)
        skipWhitespace(bytes)
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") { return close(index) }
        while true {
            skipWhitespace(bytes)
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw fault("an object key is missing")
            }
            try string(bytes)
            skipWhitespace(bytes)
            guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
                throw fault("a colon is missing after an object key")
            }
            position += 1
            skipWhitespace(bytes)
            try value(bytes, depth: depth + 1)
            if try endOfList(bytes, UInt8(ascii: "}")) { return close(index) }
        }
    }

    private mutating func array(_ bytes: Span<UInt8>, depth: Int) throws(CodecError) {
        let index = try open(.array, depth: depth)
        skipWhitespace(bytes)
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") { return close(index) }
        while true {
            skipWhitespace(bytes)
            try value(bytes, depth: depth + 1)
            if try endOfList(bytes, UInt8(ascii: "]")) { return close(index) }
        }
    }

    /// True at the closing bracket, false after a comma.
    private mutating func endOfList(_ bytes: Span<UInt8>, _ closing: UInt8) throws(CodecError) -> Bool {
        skipWhitespace(bytes)
        guard position < bytes.count else { throw fault("the JSON text ends too early") }
        if bytes[position] == closing { return true }
        guard bytes[position] == UInt8(ascii: ",") else { throw fault("a comma or a closing bracket is missing") }
        position += 1
        return false
    }

    private mutating func literal(
        _ bytes: Span<UInt8>, _ word: String, _ kind: JSONDocument.Kind
    ) throws(CodecError) {
        let start = position
        for expected in word.utf8 {
            guard position < bytes.count, bytes[position] == expected else { throw fault("not a JSON value") }
            position += 1
        }
        leaf(kind, from: start)
    }

    private mutating func leaf(_ kind: JSONDocument.Kind, from start: Int, isEscaped: Bool = false) {
        let next = Int32(nodes.count + 1)
        nodes.append(
            JSONDocument.Node(
                kind: kind, isEscaped: isEscaped, start: Int32(start), end: Int32(position), next: next))
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(CodecError) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let leading = position
        try digits(bytes)
        if bytes[leading] == UInt8(ascii: "0"), position > leading + 1 {
            position = leading + 1
            throw fault("a number starts with 0")
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits(bytes)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits(bytes)
        }
        leaf(.number, from: start)
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(CodecError) {
        let start = position
        while position < bytes.count, bytes[position] &- 0x30 < 10 { position += 1 }
        guard position > start else { throw fault("a digit is missing") }
    }

    private mutating func string(_ bytes: Span<UInt8>) throws(CodecError) {
        let start = position
        var isEscaped = false
        position += 1
        while true {
            position = endOfPlainText(bytes, from: position)
            guard position < bytes.count else { throw fault("a string does not end") }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return leaf(.string, from: start, isEscaped: isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                try escape(bytes)
            case 0x80...:
                guard let length = utf8SequenceLength(bytes, at: position) else { throw fault("not UTF-8") }
                position += length
            default: throw fault("a string contains an unescaped control character")
            }
        }
    }

    private mutating func escape(_ bytes: Span<UInt8>) throws(CodecError) {
        guard position + 1 < bytes.count else { throw fault("a string does not end") }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard position + 6 <= bytes.count else { throw fault("a string does not end") }
            for offset in 2..<6 where !isHexDigit(bytes[position + offset]) { throw fault("a \\u escape is broken") }
            position += 6
        default: throw fault("an escape that JSON does not know")
        }
    }
}

/// The place of the first byte from there on that is more than plain text of a string.
private func endOfPlainText(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var position = start
    while position + 8 <= bytes.count {
        let marks = specialBytes(in: eightBytes(bytes, at: position))
        if marks != 0 { return position + marks.trailingZeroBitCount / 8 }
        position += 8
    }
    while position < bytes.count, specialBytes(in: eightTimes(bytes[position])) == 0 { position += 1 }
    return position
}

/// The first in the lowest place: the compiler makes one load of it.
@inline(__always)
private func eightBytes(_ bytes: Span<UInt8>, at position: Int) -> UInt64 {
    let bytes = bytes.extracting(position..<(position + 8))
    var word: UInt64 = 0
    for index in 0..<8 { word |= UInt64(bytes[index]) &<< UInt64(8 * index) }
    return word
}

private func eightTimes(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

/// Marks the highest bit of the lowest byte that is a quote, a backslash, a control character or no ASCII; bytes above it may
/// be marked falsely, and none is where there is no such byte.
@inline(__always)
private func specialBytes(in word: UInt64) -> UInt64 {
    let quotes = word ^ eightTimes(UInt8(ascii: "\""))
    let backslashes = word ^ eightTimes(UInt8(ascii: "\\"))
    // A byte less than what is taken from it borrows, and so sets its highest bit.
    let found =
        ((word &- eightTimes(0x20)) & ~word) | ((quotes &- eightTimes(1)) & ~quotes)
        | ((backslashes &- eightTimes(1)) & ~backslashes) | word
    return found & eightTimes(0x80)
}

private func isHexDigit(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
}

/// The length of the well-formed UTF-8 sequence that starts with a byte over 0x7F; `nil` where there is none
/// (overlong, surrogate, over U+10FFFF, cut). Unicode 15, table 3-7.
private func utf8SequenceLength(_ bytes: Span<UInt8>, at position: Int) -> Int? {
    func byte(_ offset: Int) -> UInt8 { position + offset < bytes.count ? bytes[position + offset] : 0 }
    func continues(_ offset: Int) -> Bool { byte(offset) & 0xC0 == 0x80 }
    switch byte(0) {
    case 0xC2...0xDF: return continues(1) ? 2 : nil
    case 0xE0: return (0xA0...0xBF).contains(byte(1)) && continues(2) ? 3 : nil
    case 0xED: return (0x80...0x9F).contains(byte(1)) && continues(2) ? 3 : nil
    case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : nil
    case 0xF0: return (0x90...0xBF).contains(byte(1)) && continues(2) && continues(3) ? 4 : nil
    case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : nil
    case 0xF4: return (0x80...0x8F).contains(byte(1)) && continues(2) && continues(3) ? 4 : nil
    default: return nil
    }
}
