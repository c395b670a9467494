/// Reads the answers of the bridge service (docs/protocol.md, 5.2).
package enum BridgePayload {
    /// The bridge that was made.
    /// - Throws: `CodecError` where the answer lacks its id or its token.
    package static func bridge(in body: [UInt8]) throws(CodecError) -> Bridge {
        guard let bridge = try JSONDocument(body).root["bridge"].flatMap(Bridge.init) else {
            throw CodecError("the answer names no bridge", at: 0)
        }
        return bridge
    }

    /// The bridges of a party session in a look-up answer; those without a token are of no use and left out.
    package static func bridges(of id: PartyID, in body: [UInt8]) throws(CodecError) -> [Bridge] {
        let root = try JSONDocument(body).root
        let sessions = (root["v2PartySessions"] ?? root["partySessions"])?.elements ?? []
        let session = sessions.first { ($0["sessionId"]?.text ?? $0["partySessionId"]?.text) == id.text }
        return session?["bridges"]?.elements(Bridge.init) ?? []
    }

    /// A place on a bridge, and what the bridge offers there.
    package static func peer(in body: [UInt8]) throws(CodecError) -> (id: PeerID, sdp: String) {
        guard let peer = try JSONDocument(body).root["peer"], let id = peer["peerId"]?.text else {
            throw CodecError("the answer names no peer", at: 0)
        }
        guard let sdp = peer["offer"]?["sdp"]?.text else {
            throw CodecError("the answer contains no offer", at: 0)
        }
        return (PeerID(id), sdp)
    }

    /// The id alone, for an answer whose offer cannot be used.
    package static func peerID(in body: [UInt8]) -> PeerID? {
        (try? JSONDocument(body).root["peer"]?["peerId"]?.text).flatMap { PeerID($0) }
    }

    /// The offer of a new negotiation.
    package static func offer(in body: [UInt8]) throws(CodecError) -> String {
        guard let sdp = try JSONDocument(body).root["offer"]?["sdp"]?.text else {
            throw CodecError("the answer contains no offer", at: 0)
        }
        return sdp
    }

    /// The places on a bridge, in no particular order.
    package static func peers(in body: [UInt8]) throws(CodecError) -> [PeerID] {
        guard let list = try JSONDocument(body).root["bridge"]?["peers"] else {
            throw CodecError("the answer contains no peers", at: 0)
        }
        return list.elements { $0["peerId"]?.text.map { PeerID($0) } }
    }
}

extension Bridge {
    /// `nil` without an id or without a token.
    fileprivate init?(_ json: JSONView) {
        guard let id = json["bridgeId"]?.text, let token = json["bridgeToken"]?.text else { return nil }
        self.init(id: BridgeID(id), token: Redacted(token))
    }
}
