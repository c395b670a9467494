/// One line between psparty and an engine, the program that carries the media (docs/voice-engine.md).
package enum EngineMessage: Sendable, Equatable {
    /// The first line to the engine: the party session and the own device.
    case hello(party: PartyID, me: VoicePeer)
    /// To the engine: make an offer for this peer. From the engine, only for the bridge: request a new offer.
    case wantOffer(VoicePeer)
    /// A session description to answer, in both directions.
    case offer(VoicePeer, sdp: String)
    /// The answer to an offer, in both directions.
    case answer(VoicePeer, sdp: String)
    /// The connection has ended, in both directions.
    case bye(VoicePeer)

    /// The version of the protocol, told in `hello`.
    private static let version: Int64 = 1

    /// The line with its end.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            switch self {
            case .hello(let party, let me):
                json.field("type", "hello")
                json.field("version", Self.version)
                json.field("party", party.text)
                json.field("me", me.description)
            case .wantOffer(let peer): json.message("want-offer", peer)
            case .offer(let peer, let sdp): json.message("offer", peer, sdp)
            case .answer(let peer, let sdp): json.message("answer", peer, sdp)
            case .bye(let peer): json.message("bye", peer)
            }
        }
        json.newline()
    }

    /// Reads a line of the engine: `offer`, `answer`, `bye`, or `want-offer` for the bridge.
    /// - Throws: `CodecError` that says what is wrong with it.
    package init(line: [UInt8]) throws(CodecError) {
        let json = try JSONDocument(line).root
        guard let type = json["type"]?.string else { throw CodecError("it has no type", at: 0) }
        guard let name = json["peer"]?.string, let peer = VoicePeer(name) else {
            throw CodecError("it has no peer: bridge or ACCOUNT/PLATFORM", at: 0)
        }
        switch type {
        case "offer": self = .offer(peer, sdp: try Self.description(in: json))
        case "answer": self = .answer(peer, sdp: try Self.description(in: json))
        case "bye": self = .bye(peer)
        case "want-offer" where peer == .bridge: self = .wantOffer(peer)
        case "want-offer": throw CodecError("want-offer is only for the bridge", at: 0)
        default: throw CodecError("the type \(type.debugDescription) is unknown; use offer, answer or bye", at: 0)
        }
    }

    /// The session description, with the line ends that the wire wants.
    private static func description(in json: JSONView) throws(CodecError) -> String {
        guard let sdp = json["sdp"]?.string, sdp.utf8.starts(with: "v=0".utf8) else {
            throw CodecError("it has no sdp that starts with v=0", at: 0)
        }
        let lines = sdp.utf8.split { $0 == 0x0D || $0 == 0x0A }
        return String(decoding: lines.flatMap { $0 + [0x0D, 0x0A] }, as: UTF8.self)
    }
}

extension JSONWriter {
    fileprivate mutating func message(_ type: String, _ peer: VoicePeer, _ sdp: String? = nil) {
        field("type", type)
        field("peer", peer.description)
        if let sdp { field("sdp", sdp) }
    }
}
