/// A voice bridge: the service's intake of the members' voices, shared by a party session (docs/protocol.md, 5).
package struct Bridge: Hashable, Sendable {
    /// What the service calls it.
    package let id: BridgeID
    /// Whoever holds it may use the bridge, and take it down.
    package let token: Redacted<String>

    package init(id: BridgeID, token: Redacted<String>) {
        self.id = id
        self.token = token
    }
}

/// The id of a voice bridge: a UUID in every capture (docs/protocol.md, 5.2).
package typealias BridgeID = Identifier<Bridge>
/// The id of one device's connection to a bridge.
package typealias PeerID = Identifier<BridgeOffer>

/// What a bridge offers to one device of ours.
package struct BridgeOffer: Hashable, Sendable {
    /// Whose bridge it is.
    package let partyID: PartyID
    /// The bridge.
    package let bridgeID: BridgeID
    /// Our place on it.
    package let peerID: PeerID
    /// The session description to answer, as it came. It holds addresses and keys.
    package let sdp: String

    package init(partyID: PartyID, bridgeID: BridgeID, peerID: PeerID, sdp: String) {
        self.partyID = partyID
        self.bridgeID = bridgeID
        self.peerID = peerID
        self.sdp = sdp
    }
}
