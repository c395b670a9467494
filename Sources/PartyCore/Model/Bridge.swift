/// A voice bridge: the media server of a party session, which receives the members' voices (docs/protocol.md, 5).
package struct Bridge: Hashable, Sendable {
    /// The id that the service gave it.
    package let id: BridgeID
    /// Gives the right to use the bridge and to delete it.
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

/// A bridge's offer to one device of this account.
package struct BridgeOffer: Hashable, Sendable {
    /// The party session of the bridge.
    package let partyID: PartyID
    /// The bridge.
    package let bridgeID: BridgeID
    /// This device's connection to the bridge.
    package let peerID: PeerID
    /// The session description to answer, unchanged. It contains addresses and keys.
    package let sdp: String
    /// How many other places the bridge had before this one.
    var others = 0

    package init(partyID: PartyID, bridgeID: BridgeID, peerID: PeerID, sdp: String) {
        self.partyID = partyID
        self.bridgeID = bridgeID
        self.peerID = peerID
        self.sdp = sdp
    }
}
