/// A validated JSON text with an index of its values, built in one pass without a tree, so that the push stream is
/// read at the speed of its socket, and a value can be passed on as its bytes.
///
/// Numbers are not converted to floating point: 64-bit ids stay exact.
public struct JSONDocument: Sendable {
    enum Kind: UInt8, Sendable {
        case object, array, string, number, bool, null
    }

    /// One value (or object key) of the text, in the order of the text.
    struct Node: Sendable {
        let kind: Kind
        /// A string with a backslash in it, which must be unescaped before it can be compared.
        var isEscaped = false
        let start: Int32
        var end: Int32
        /// The index of the first node after this value and all it holds.
        var next: Int32
    }

    /// What all views of the document share. It answers by index, so that a chain of views costs no counting of references.
    final class Text: Sendable {
        let bytes: [UInt8]
        let nodes: [Node]

        init(_ bytes: [UInt8], _ nodes: [Node]) {
            self.bytes = bytes
            self.nodes = nodes
        }
    }

    private let text: Text

    /// The text that was read.
    public var bytes: [UInt8] { text.bytes }

    /// Reads exactly one JSON value, with whitespace around it.
    /// - Throws: `CodecError` with the offset of the first byte that is not JSON (RFC 8259) or not UTF-8, or where values
    ///   are nested deeper than 128.
    public init(_ bytes: [UInt8]) throws(CodecError) {
        guard bytes.count < Int32.max else { throw CodecError("the JSON text is over 2 GB", at: 0) }
        var scanner = JSONScanner()
        try scanner.scan(bytes.span)
        text = Text(bytes, scanner.nodes)
    }

    /// The outermost value.
    public var root: JSONView { JSONView(document: text, index: 0) }
}

/// Whether bytes are one JSON text, and nothing else.
package enum JSONText {
    /// True for exactly one value of RFC 8259 in UTF-8.
    package static func isValid(_ bytes: [UInt8]) -> Bool {
        (try? JSONDocument(bytes)) != nil
    }
}

/// What could not be read, and at which byte.
public struct CodecError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which bytes are counted: those that came, or what they are an encoding of.
    package enum Place: String, Sendable {
        case input
        case body = " of the decoded body"
    }

    /// What could not be read.
    public let problem: String
    /// The byte at which reading stopped, from 0.
    public let offset: Int
    package let place: Place

    package init(_ problem: String, at offset: Int, in place: Place = .input) {
        self.problem = problem
        self.offset = offset
        self.place = place
    }

    public var description: String { "\(problem) (byte \(offset)\(place == .input ? "" : place.rawValue))" }
}

/// A value of a ``JSONDocument``. Reading is tolerant: a missing value and one of another type are `nil`.
public struct JSONView: Sendable {
    let document: JSONDocument.Text
    let index: Int

    private var node: JSONDocument.Node { document.nodes[index] }

    /// Whether the value is an object.
    public var isObject: Bool { node.kind == .object }
    /// Whether the value is an array.
    public var isArray: Bool { node.kind == .array }
    /// Whether the value is `null`.
    public var isNull: Bool { node.kind == .null }

    /// The bytes of the value in the text.
    public var source: ArraySlice<UInt8> { document.bytes[Int(node.start)..<Int(node.end)] }

    /// The first member of that name; `nil` if it is missing or null.
    @inline(__always)
    public subscript(name: String) -> JSONView? {
        guard let member = document.member(name, of: index) else { return nil }
        let view = JSONView(document: document, index: member)
        return view.isNull ? nil : view
    }

    /// The elements of an array; empty for anything else.
    public var elements: [JSONView] { elements { $0 } }

    /// The results of `reading` for the elements of an array; empty for anything else.
    @inline(__always)
    package func elements<Value>(_ reading: (JSONView) -> Value?) -> [Value] {
        guard node.kind == .array else { return [] }
        var found: [Value] = []
        var element = index + 1
        while element < node.next {
            if let value = reading(JSONView(document: document, index: element)) { found.append(value) }
            element = Int(document.nodes[element].next)
        }
        return found
    }

    /// The members of an object in order; empty for anything else.
    public var members: [(key: String, value: JSONView)] {
        guard node.kind == .object else { return [] }
        var found: [(key: String, value: JSONView)] = []
        var key = index + 1
        while key < node.next {
            found.append((document.string(key) ?? "", JSONView(document: document, index: key + 1)))
            key = Int(document.nodes[key + 1].next)
        }
        return found
    }

    /// The value as a string, unescaped; `nil` if it is anything else.
    @inline(__always)
    public var string: String? { document.string(index) }

    /// A string that is not empty. An empty id, name or token means the same as a missing one: `nil`.
    @inline(__always)
    package var text: String? { node.end - node.start > 2 ? string : nil }

    /// The value as a Bool; `nil` if it is anything else.
    @inline(__always)
    public var bool: Bool? { document.bool(index) }

    /// A signed integer of 64 bits: a JSON number without fraction and exponent, or the same digits in a string.
    public var integer: Int64? {
        guard let (isNegative, magnitude) = document.decimal(index) else { return nil }
        return isNegative ? Int64(exactly: -Int128(magnitude)) : Int64(exactly: magnitude)
    }

    /// An integer like `integer`, clamped to the range.
    package func integer(clampedTo range: ClosedRange<Int64>) -> Int64? {
        guard let (isNegative, magnitude) = document.decimal(index) else { return nil }
        let number = isNegative ? -Int128(magnitude) : Int128(magnitude)
        return Int64(clamping: min(max(number, Int128(range.lowerBound)), Int128(range.upperBound)))
    }

    /// An unsigned whole number, read like `integer`.
    package var unsigned: UInt64? {
        guard let (isNegative, magnitude) = document.decimal(index), !isNegative || magnitude == 0 else { return nil }
        return magnitude
    }
}

/// Values by their index.
extension JSONDocument.Text {
    /// The value of the first member of that name; `nil` for what is no object too.
    fileprivate func member(_ name: String, of object: Int) -> Int? {
        // A span is of a variable of one's own.
        let (text, index) = (bytes, nodes)
        let (bytes, nodes) = (text.span, index.span)
        guard nodes[object].kind == .object else { return nil }
        let end = Int(nodes[object].next)
        // By bytes: two strings that Swift calls equal need not be one name.
        let wanted = name.utf8.span
        var key = object + 1
        while key < end {
            let node = nodes[key]
            let isFound =
                node.isEscaped
                ? (string(key) ?? "").utf8.elementsEqual(name.utf8)
                : bytes.holds(wanted, from: Int(node.start) + 1, to: Int(node.end) - 1)
            if isFound { return key + 1 }
            key = Int(nodes[key + 1].next)
        }
        return nil
    }

    fileprivate func string(_ index: Int) -> String? {
        let node = nodes[index]
        guard node.kind == .string else { return nil }
        let content = bytes[(Int(node.start) + 1)..<(Int(node.end) - 1)]
        return String(decoding: node.isEscaped ? unescapedJSON(content)[...] : content, as: UTF8.self)
    }

    fileprivate func bool(_ index: Int) -> Bool? {
        let node = nodes[index]
        return node.kind == .bool ? bytes[Int(node.start)] == UInt8(ascii: "t") : nil
    }

    fileprivate func decimal(_ index: Int) -> (isNegative: Bool, magnitude: UInt64)? {
        let node = nodes[index]
        let bytes = bytes
        let (start, end) = (Int(node.start), Int(node.end))
        switch node.kind {
        case .string where node.isEscaped: return unescapedJSON(bytes[(start + 1)..<(end - 1)]).span.decimal
        case .string: return bytes.span.extracting((start + 1)..<(end - 1)).decimal
        case .number: return bytes.span.extracting(start..<end).decimal
        default: return nil
        }
    }
}

extension Span<UInt8> {
    /// Whether between these places stand the bytes of `text`, and nothing else.
    fileprivate func holds(_ text: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        guard end - start == text.count else { return false }
        for index in text.indices where self[start + index] != text[index] { return false }
        return true
    }

    /// These bytes as decimal digits with a minus or none before them; `nil` for anything else, and over 64 bits.
    fileprivate var decimal: (isNegative: Bool, magnitude: UInt64)? {
        let isNegative = count > 0 && self[0] == UInt8(ascii: "-")
        var position = isNegative ? 1 : 0
        guard position < count else { return nil }
        var magnitude: UInt64 = 0
        while position < count {
            let digit = self[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, isOver) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = product.addingReportingOverflow(UInt64(digit))
            guard !isOver, !isOverToo else { return nil }
            magnitude = sum
            position += 1
        }
        return (isNegative, magnitude)
    }
}
