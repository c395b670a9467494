/// A payload taken apart: each of its bytes belongs to a part with a name and a meaning (docs/protocol.md, 6).
package struct SignalAnatomy: Sendable, Equatable {
    /// A run of bytes.
    package struct Part: Sendable, Equatable {
        /// Tells it from all others: `header.senderAccountId`, `json.medias[0].user.platform`.
        package let name: String
        package let meaning: String
        /// Which bytes `offset` counts.
        package let place: CodecError.Place
        package let offset: Int
        package let bytes: [UInt8]
        /// What the bytes say.
        package let value: String
        /// Whether it differs from message to message by its nature: ids, descriptions, and what their length makes.
        package var mayDiffer = false
    }

    /// In the order of the bytes.
    package private(set) var parts: [Part] = []
    private let payload: [UInt8]

    /// - Throws: `CodecError` for what `SignalPayload` cannot read either.
    package init(_ payload: [UInt8]) throws(CodecError) {
        _ = try SignalPayload.decode(payload)
        self.payload = payload
        let envelope = try SignalEnvelope.open(payload)
        let spelling = Array(payload[..<envelope.bodyOffset])
        parts.append(
            Part(
                name: "envelope", meaning: "envelope", place: .input, offset: 0, bytes: spelling,
                value: String(decoding: spelling, as: UTF8.self)))
        let content = envelope.content
        var text = 0..<content.count
        if envelope.isBinary, let start = SignalHeader.textStart(in: content) {
            text = start..<(start + SignalHeader(reading: content, textStart: start).textLength)
            addHeader(of: content, textStart: start)
        }
        let place: CodecError.Place = envelope.isBinary ? .body : .input
        let base = envelope.isBinary ? 0 : envelope.bodyOffset
        try addText(content, text, place, base)
        if text.upperBound < content.count {
            let rest = Array(content[text.upperBound...])
            parts.append(
                Part(
                    name: "trailer", meaning: "bytes behind the text", place: place, offset: base + text.upperBound,
                    bytes: rest, value: "\(rest.count) bytes"))
        }
    }

    private mutating func addHeader(of content: [UInt8], textStart: Int) {
        func number(_ range: Range<Int>) -> String {
            String(range.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(content[$1]) })
        }
        func part(_ name: String, _ meaning: String, _ range: Range<Int>, mayDiffer: Bool = false) -> Part {
            Part(
                name: "header." + name, meaning: meaning, place: .body, offset: range.lowerBound,
                bytes: Array(content[range]), value: number(range), mayDiffer: mayDiffer)
        }
        let padding = 28..<(textStart - 4)
        let length = (textStart - 4)..<textStart
        parts += [
            part("version", "version or magic", 0..<4), part("4", "unknown, 0", 4..<8),
            part("8", "unknown, 1", 8..<12), part("12", "unknown, 0", 12..<16),
            part("senderAccountId", "account id of the sender", 16..<24, mayDiffer: true),
            part("senderPlatform", "platform number of the sender", 24..<28),
            Part(
                name: "header.padding", meaning: "padding of the sender's record", place: .body,
                offset: padding.lowerBound, bytes: Array(content[padding]), value: "\(padding.count) bytes"),
            // A length that is true follows from the rest; one that is not is a difference of its own.
            part(
                "textLength", "bytes of text behind the header", length,
                mayDiffer: number(length) == String(content.count - textStart)),
        ]
    }

    private mutating func addText(
        _ content: [UInt8], _ range: Range<Int>, _ place: CodecError.Place, _ base: Int
    ) throws(CodecError) {
        let text = Array(content[range])
        let start = SignalHeader.prefixLength(of: text, at: 0) ?? 0
        let prefix = Array(text[..<start])
        parts.append(
            Part(
                name: "prefix", meaning: "line before the JSON", place: place, offset: base + range.lowerBound,
                bytes: prefix, value: String(decoding: prefix, as: UTF8.self)))
        let json = Array(text[start...])
        let offset = base + range.lowerBound + start
        addValues(try JSONDocument(json).root, "json", offset, place)
        let spaces = Self.spaces(in: json)
        parts.append(
            Part(
                name: "json.spaces", meaning: "white space between the values", place: place,
                offset: offset + (spaces.first ?? 0), bytes: spaces.map { json[$0] }, value: "\(spaces.count) bytes"))
    }

    private mutating func addValues(_ json: JSONView, _ name: String, _ base: Int, _ place: CodecError.Place) {
        for (key, value) in json.members { addValues(value, name + "." + key, base, place) }
        for (index, element) in json.elements.enumerated() { addValues(element, "\(name)[\(index)]", base, place) }
        guard json.members.isEmpty, json.elements.isEmpty else { return }
        let source = Array(json.source)
        let key = name.split(separator: ".").last.map(String.init) ?? name
        let isPersonal = key == "account_id" || name == "json.sdp"
        // One that is written in another manner is a difference, whatever it says.
        let isPlain = json.string.map { text in JSONWriter.text { $0.string(text) } == source } ?? false
        parts.append(
            Part(
                name: name, meaning: Self.meanings[key] ?? "value of \(key)", place: place,
                offset: base + json.source.startIndex, bytes: source, value: String(decoding: source, as: UTF8.self),
                mayDiffer: isPersonal && isPlain))
    }

    private static let meanings = [
        "account_id": "account id", "platform": "platform number", "global_seq_num": "number of the message",
        "sdp_sequence_number": "number of the negotiation", "type": "what the message is",
        "sdp": "session description", "media_identifier": "kind of media", "mid": "section of the description",
    ]

    private static func spaces(in json: [UInt8]) -> [Int] {
        var found: [Int] = []
        var (isString, isEscape) = (false, false)
        for (place, byte) in json.enumerated() {
            if isString {
                if byte == UInt8(ascii: "\""), !isEscape { isString = false }
                isEscape = byte == UInt8(ascii: "\\") && !isEscape
            } else if byte == UInt8(ascii: "\"") {
                isString = true
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                found.append(place)
            }
        }
        return found
    }
}

extension SignalAnatomy {
    /// Two parts of one name that are not the same; `nil` for one that is not there.
    package struct Difference: Sendable, Equatable {
        package let left: Part?
        package let right: Part?

        /// Whether such a difference says nothing.
        package var isExpected: Bool { left?.mayDiffer == true && right?.mayDiffer == true }

        /// How many bytes are the same before the first that differs.
        package var sameBytes: Int {
            zip(left?.bytes ?? [], right?.bytes ?? []).prefix { $0 == $1 }.count
        }
    }

    /// In the order of the first, then what only the second has; last the order of parts itself.
    package func differences(from other: SignalAnatomy) -> [Difference] {
        let theirs = Dictionary(other.parts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let ours = Set(parts.map(\.name))
        var found = parts.filter { $0.bytes != theirs[$0.name]?.bytes }
            .map { Difference(left: $0, right: theirs[$0.name]) }
        found += other.parts.filter { !ours.contains($0.name) }.map { Difference(left: nil, right: $0) }
        let (names, otherNames) = (parts.map(\.name), other.parts.map(\.name))
        if names != otherNames, Set(names) == Set(otherNames) {
            found.append(Difference(left: order(), right: other.order()))
        }
        if found.isEmpty, payload != other.payload {
            found.append(Difference(left: whole(), right: other.whole()))
        }
        return found
    }

    private func order() -> Part {
        let names = parts.map(\.name).filter { $0.hasPrefix("json.") }.map { $0.dropFirst(5) }.joined(separator: " ")
        return Part(
            name: "json.order", meaning: "order of the keys", place: .body, offset: 0, bytes: Array(names.utf8),
            value: names)
    }

    private func whole() -> Part {
        Part(
            name: "payload", meaning: "spelling of the payload", place: .input, offset: 0, bytes: payload,
            value: "\(payload.count) bytes")
    }
}
