/// A signal in our own JSON form, and a reader for all forms in which users have one.
package enum SignalDocument {
    /// The contents of a text.
    package enum Found: Sendable, Equatable {
        case signal(ReceivedSignal)
        /// A frame or an event about something else.
        case somethingElse
    }

    /// Reads a payload, bare or as a JSON string; a push frame; an event as `listen` prints it; the body of a custom
    /// message.
    /// - Throws: `CodecError` if it is none of these, or contains an unreadable signal.
    package static func find(in text: [UInt8]) throws(CodecError) -> Found {
        guard let payload = try payload(in: text) else { return .somethingElse }
        var received = try SignalPayload.decode(payload.bytes)
        received.compare(with: payload.sender)
        return .signal(received)
    }

    /// The payload in any of these forms, with the sender if a frame names one; `nil` for a frame or event about
    /// something else.
    package static func payload(
        in text: [UInt8]
    ) throws(CodecError) -> (bytes: [UInt8], sender: Member?)? {
        guard let first = text.first(where: { ![0x20, 0x09].contains($0) }) else {
            throw CodecError("there is no payload", at: 0)
        }
        if first == UInt8(ascii: "\"") {
            return (Array((try JSONDocument(text).root.string ?? "").utf8), nil)
        }
        guard first == UInt8(ascii: "{") else { return (text, nil) }
        let root = try JSONDocument(text).root
        if let payload = root["payload"]?.string { return (Array(payload.utf8), nil) }
        guard let data = root["body"]?["data"] ?? root["data"], data.isObject else {
            // An event without data, or a frame without an event.
            guard root["dataType"] != nil || root["type"] != nil || root["method"] != nil else {
                throw CodecError("this is neither a payload nor a frame nor an event", at: 0)
            }
            return nil
        }
        guard let message = data["customMessage"], message["channel"]?.string == SignalPayload.channel else {
            return nil
        }
        guard let payload = message["payload"]?.string else { throw CodecError("the message has no payload", at: 0) }
        return (Array(payload.utf8), (data["customProperties"]?["from"]).flatMap(Member.init))
    }

    /// Writes the keys of the contract. `trusted` and `oddities` follow only if there are oddities.
    package static func write(_ received: ReceivedSignal, to json: inout JSONWriter) {
        let signal = received.signal
        json.object { json in
            json.endpoint("from", signal.from)
            json.endpoint("to", signal.to)
            json.field("type", signal.kind.rawValue)
            json.field("sdp", signal.sdp)
            json.field("globalSequence", signal.globalSequence)
            json.field("sdpSequence", signal.sdpSequence)
            guard !received.oddities.isEmpty else { return }
            json.field("trusted", received.isTrusted)
            json.array("oddities", received.oddities.map(\.rawValue).sorted()) { json, word in json.string(word) }
        }
    }

    /// Reads what `write` wrote.
    /// - Throws: `CodecError` naming the key that is missing or of another type.
    package static func signal(in text: [UInt8]) throws(CodecError) -> Signal {
        let root = try JSONDocument(text).root
        guard root.isObject else { throw CodecError("a signal document is a JSON object", at: 0) }
        guard let kind = root["type"]?.string, !kind.isEmpty else { throw missing("type", "a text") }
        guard let sequence = root["globalSequence"]?.integer else { throw missing("globalSequence", "a whole number") }
        let sdpSequence = root["sdpSequence"]
        guard let sdpSequence = sdpSequence?.string ?? sdpSequence?.integer.map(String.init) else {
            throw missing("sdpSequence", "a text")
        }
        let sdp = root["sdp"]
        guard sdp == nil || sdp?.string != nil else { throw missing("sdp", "a text or null") }
        return Signal(
            from: try endpoint("from", in: root), to: try endpoint("to", in: root),
            kind: Signal.Kind(rawValue: kind), sdp: sdp?.string, globalSequence: sequence, sdpSequence: sdpSequence)
    }

    private static func endpoint(_ key: String, in root: JSONView) throws(CodecError) -> Signal.Endpoint {
        guard let account = root[key]?["accountId"]?.unsigned else {
            throw missing(key + ".accountId", "an account id")
        }
        guard let platform = root[key]?["platform"]?.string ?? root[key]?["platform"]?.integer.map(String.init) else {
            throw missing(key + ".platform", "a platform")
        }
        return Signal.Endpoint(accountID: AccountID(account), platform: Platform(rawValue: platform))
    }

    private static func missing(_ key: String, _ what: String) -> CodecError {
        CodecError("\(key) is missing or not \(what)", at: 0)
    }
}

extension ReceivedSignal {
    /// Adds an oddity if the push frame names another sender than the signal.
    package mutating func compare(with sender: Member?) {
        guard let sender else { return }
        let said = signal.from.platform
        let isOtherDevice = sender.platform.map { platform in
            // A platform without a known number may have any unknown number.
            platform != said && !(platform.signalNumber == nil && Int64(said.rawValue) != nil)
        }
        let isOther = sender.accountID != signal.from.accountID || isOtherDevice ?? false
        if isOther { oddities.insert(.senderMismatch) }
    }

    /// Whether header, text and frame name one sender.
    public var isTrusted: Bool { !oddities.contains(.senderMismatch) }
}

extension JSONWriter {
    /// A device as our JSON names it.
    package mutating func endpoint(_ key: String, _ endpoint: Signal.Endpoint) {
        object(key) { json in
            json.field("accountId", endpoint.accountID)
            json.field("platform", endpoint.platform.rawValue)
        }
    }
}
