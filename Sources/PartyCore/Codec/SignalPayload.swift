/// A signal as the payload of a custom message on the channel `miranda:12` (docs/protocol.md, 6).
package enum SignalPayload {
    package static let channel = "miranda:12"
    private static let prefix = "1/1/1\n"

    /// The payload, byte for byte as in the captures.
    /// - Throws: `CodecError` if a platform has no known number.
    package static func encode(_ signal: Signal) throws(CodecError) -> String {
        let text = try text(of: signal)
        let from = try number(of: signal.from.platform)
        let header = SignalHeader(sender: signal.from, platformNumber: from, textLength: text.count)
        return SignalEnvelope.seal(header.bytes + text)
    }

    /// The payload without its binary header and the line before the JSON: as text, in the form that Remote Play uses
    /// (docs/protocol.md, 6.1).
    package static func plain(_ signal: Signal) throws(CodecError) -> String {
        SignalEnvelope.text(try json(of: signal))
    }

    private static func text(of signal: Signal) throws(CodecError) -> [UInt8] {
        Array(prefix.utf8) + (try json(of: signal))
    }

    private static func json(of signal: Signal) throws(CodecError) -> [UInt8] {
        let from = try number(of: signal.from.platform)
        let to = try number(of: signal.to.platform)
        return JSONWriter.text { json in
            json.object { json in
                json.endpoint("from", signal.from, from)
                json.field("global_seq_num", signal.globalSequence)
                json.medias(signal.from, from)
                if let sdp = signal.sdp { json.field("sdp", sdp) }
                json.field("sdp_sequence_number", signal.sdpSequence)
                json.endpoint("to", signal.to, to)
                json.field("type", signal.kind.rawValue)
                json.array("users", [signal.from]) { json, user in json.endpoint(user, from) }
            }
        }
    }

    private static func number(of platform: Platform) throws(CodecError) -> Int64 {
        guard let number = platform.signalNumber else {
            throw CodecError("no number is known for platform \(platform)", at: 0)
        }
        // The header has 32 bits for it.
        guard (0...Int64(UInt32.max)).contains(number) else {
            throw CodecError("platform \(number) does not fit in 32 bits", at: 0)
        }
        return number
    }

    /// Reads a payload. Deviations from the captured form are noted, not refused, if the signal is complete.
    package static func decode(_ payload: String) throws(CodecError) -> ReceivedSignal {
        try decode(Array(payload.utf8))
    }

    /// The same for bytes as they came.
    package static func decode(_ payload: [UInt8]) throws(CodecError) -> ReceivedSignal {
        let envelope = try SignalEnvelope.open(payload)
        guard envelope.isBinary else {
            do throws(CodecError) {
                return ReceivedSignal(signal: try signal(in: envelope.content).signal, oddities: [.textType])
            } catch { throw CodecError(error.problem, at: error.offset + envelope.bodyOffset) }
        }
        var received = try decode(content: envelope.content)
        if !envelope.isCanonical { received.oddities.insert(.envelopeSpelling) }
        return received
    }

    private static func decode(content: [UInt8]) throws(CodecError) -> ReceivedSignal {
        guard let start = SignalHeader.textStart(in: content) else {
            throw CodecError(
                "the body has \(content.count) bytes, and no signal after its header", at: content.count, in: .body)
        }
        let header = SignalHeader(reading: content, textStart: start)
        guard header.textLength <= content.count - start else {
            throw CodecError(
                "the header announces \(header.textLength) bytes of text, \(content.count - start) follow",
                at: start - 4, in: .body)
        }
        var oddities: Set<ReceivedSignal.Oddity> = []
        if start != SignalHeader.length { oddities.insert(.headerLength) }
        if header.counter != 1 { oddities.insert(.headerCounter) }
        let read: (signal: Signal, hasPrefix: Bool)
        do throws(CodecError) {
            read = try signal(in: Array(content[start..<(start + header.textLength)]))
        } catch { throw CodecError(error.problem, at: error.offset + start, in: .body) }
        if !read.hasPrefix { oddities.insert(.messagePrefix) }
        let from = read.signal.from
        if header.senderID != from.accountID.number || header.senderPlatform != from.platform.signalNumber {
            oddities.insert(.senderMismatch)
        }
        return ReceivedSignal(signal: read.signal, oddities: oddities)
    }

    /// Reads a signal behind a message prefix or without one.
    private static func signal(in text: [UInt8]) throws(CodecError) -> (signal: Signal, hasPrefix: Bool) {
        let start = SignalHeader.prefixLength(of: text, at: 0) ?? 0
        do throws(CodecError) {
            let json = try JSONDocument(start == 0 ? text : Array(text[start...])).root
            return (try signal(in: json), text.starts(with: prefix.utf8))
        } catch { throw CodecError(error.problem, at: error.offset + start) }
    }

    private static func signal(in json: JSONView) throws(CodecError) -> Signal {
        guard let from = json["from"].flatMap(endpoint), let to = json["to"].flatMap(endpoint) else {
            throw CodecError("the signal names no sender or no receiver", at: 0)
        }
        guard let kind = json["type"]?.string else { throw CodecError("the signal has no type", at: 0) }
        let sequence = json["sdp_sequence_number"]
        return Signal(
            from: from, to: to, kind: Signal.Kind(rawValue: kind), sdp: json["sdp"]?.string,
            globalSequence: json["global_seq_num"]?.integer ?? 0,
            sdpSequence: sequence.flatMap(number) ?? "")
    }

    /// A number as its text: it may exceed 64 bits, or be a fraction.
    private static func number(_ json: JSONView) -> String? {
        if let text = json.string { return text }
        let isNumber = json.source.first.map { $0 == UInt8(ascii: "-") || $0 &- 0x30 < 10 } ?? false
        return isNumber ? String(decoding: json.source, as: UTF8.self) : nil
    }

    private static func endpoint(_ json: JSONView) -> Signal.Endpoint? {
        guard let account = json["account_id"]?.unsigned, let platform = json["platform"] else { return nil }
        guard let number = platform.integer else {
            return platform.string.map { .init(accountID: AccountID(account), platform: Platform(rawValue: $0)) }
        }
        return Signal.Endpoint(accountID: AccountID(account), platform: Platform(signalNumber: number))
    }
}

extension JSONWriter {
    fileprivate mutating func endpoint(_ key: String, _ endpoint: Signal.Endpoint, _ platformNumber: Int64) {
        self.key(key)
        self.endpoint(endpoint, platformNumber)
    }

    fileprivate mutating func endpoint(_ endpoint: Signal.Endpoint, _ platformNumber: Int64) {
        object { json in
            json.field("account_id", endpoint.accountID)
            json.field("platform", platformNumber)
        }
    }

    fileprivate mutating func medias(_ sender: Signal.Endpoint, _ platformNumber: Int64) {
        array("medias", [sender]) { json, sender in
            json.object { json in
                json.array("media_records", ["0"]) { json, mid in
                    json.object { json in
                        json.field("media_identifier", "voice_chat")
                        json.field("mid", mid)
                    }
                }
                json.array("msids", ["0"]) { json, id in json.string(id) }
                json.endpoint("user", sender, platformNumber)
            }
        }
    }
}
