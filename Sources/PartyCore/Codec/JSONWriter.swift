/// Writes one compact JSON text: keys in the order of the calls, `/` unescaped, 64-bit numbers exact.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// The digits of a number of 64 bits and its sign.
    private static let longestNumber = 20

    package init() {}

    /// The text written by `body`.
    package static func text(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        body(&writer)
        return writer.bytes
    }

    /// Empties the text and keeps its memory, for writers of many lines.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Appends text that is not JSON, unchanged: for lines between those of NDJSON.
    package mutating func text(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Ends a line of NDJSON.
    package mutating func newline() {
        bytes.append(0x0A)
        needsComma = false
    }

    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        nested(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    package mutating func array<Elements: Sequence>(
        _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) {
        array { writer in
            for element in elements { body(&writer, element) }
        }
    }

    package mutating func array(_ body: (inout JSONWriter) -> Void) {
        nested(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    package mutating func object(_ key: String, _ body: (inout JSONWriter) -> Void) {
        self.key(key)
        object(body)
    }

    package mutating func array<Elements: Sequence>(
        _ key: String, _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) {
        self.key(key)
        array(elements, body)
    }

    package mutating func field(_ key: String, _ text: String?) {
        self.key(key)
        if let text { string(text) } else { null() }
    }

    package mutating func field(_ key: String, _ number: Int64?) {
        self.key(key)
        if let number { integer(number) } else { null() }
    }

    package mutating func field(_ key: String, _ truth: Bool?) {
        self.key(key)
        if let truth { bool(truth) } else { null() }
    }

    /// Appends an account id as a string, as in all JSON of the project.
    package mutating func field(_ key: String, _ account: AccountID?) {
        self.key(key)
        guard let account else { return null() }
        value(upTo: Self.longestNumber + 2) { output in
            output.append(UInt8(ascii: "\""))
            output.appendDecimal(account.number)
            output.append(UInt8(ascii: "\""))
        }
    }

    package mutating func field(_ key: String, _ time: Timestamp?) {
        self.key(key)
        guard let time else { return null() }
        value(upTo: Timestamp.rfc3339Length + 2) { output in
            output.append(UInt8(ascii: "\""))
            output.append(rfc3339: time)
            output.append(UInt8(ascii: "\""))
        }
    }

    /// Appends a value that is JSON already. Line breaks in it are removed, so that NDJSON stays one line for each value.
    package mutating func field(_ key: String, raw: ArraySlice<UInt8>?) {
        self.key(key)
        guard let raw else { return null() }
        separate()
        if raw.hasLineBreak {
            // Within strings JSON has line breaks only as escapes, so these stand between values.
            bytes.append(contentsOf: raw.lazy.filter { $0 != 0x0A && $0 != 0x0D })
        } else {
            bytes.append(contentsOf: raw)
        }
    }

    /// A key that needs no escaping: a constant, never text from outside.
    package mutating func key(_ key: String) {
        value(upTo: key.utf8.count + 3) { output in
            output.append(UInt8(ascii: "\""))
            output.append(copying: key.utf8.span)
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    package mutating func string(_ text: String) {
        var isPlain = false
        value(upTo: text.utf8.count + 2) { output in
            output.append(UInt8(ascii: "\""))
            isPlain = output.append(plainJSON: text.utf8.span)
            if isPlain { output.append(UInt8(ascii: "\"")) }
        }
        guard !isPlain else { return }
        bytes.appendEscapedJSON(text)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func integer(_ number: Int64) {
        value(upTo: Self.longestNumber) { output in
            if number < 0 { output.append(UInt8(ascii: "-")) }
            output.appendDecimal(number.magnitude)
        }
    }

    package mutating func unsigned(_ number: UInt64) {
        value(upTo: Self.longestNumber) { output in output.appendDecimal(number) }
    }

    package mutating func bool(_ truth: Bool) {
        word(truth ? "true" : "false")
    }

    package mutating func null() {
        word("null")
    }

    private mutating func word(_ word: String) {
        value(upTo: word.utf8.count) { output in output.append(copying: word.utf8.span) }
    }

    /// Appends a value, or a key, in one piece, behind the comma that it may need. Asking for room byte by byte would cost more
    /// than the bytes.
    /// - Parameter count: how many bytes it writes at most.
    private mutating func value(upTo count: Int, _ body: (inout OutputSpan<UInt8>) -> Void) {
        let isFirst = !needsComma
        needsComma = true
        bytes.append(addingCapacity: count + 1) { output in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            body(&output)
        }
    }

    private mutating func nested(_ opening: UInt8, _ closing: UInt8, _ body: (inout JSONWriter) -> Void) {
        value(upTo: 1) { output in output.append(opening) }
        needsComma = false
        body(&self)
        bytes.append(closing)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}

extension ArraySlice<UInt8> {
    /// Looked for to the end whatever is found, which lets the processor take many bytes at a time.
    package var hasLineBreak: Bool {
        let bytes = span
        var found: UInt8 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            found |= (byte == 0x0A ? 1 : 0) | (byte == 0x0D ? 1 : 0)
        }
        return found != 0
    }
}

extension OutputSpan<UInt8> {
    mutating func append(copying bytes: Span<UInt8>) {
        for index in bytes.indices { append(bytes[index]) }
    }

    fileprivate mutating func appendDecimal(_ number: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = digits.count
        var rest = number
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in first..<digits.count { append(digits[index]) }
    }
}
