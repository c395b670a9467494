/// A voice bridge: the service's intake of the members' voices, shared by a party session (docs/protocol.md, 5).
public struct Bridge: Hashable, Sendable {
    /// What the service calls it.
    public let id: BridgeID
    /// Whoever holds it may use the bridge, and take it down.
    public let token: Redacted<String>

    public init(id: BridgeID, token: Redacted<String>) {
        self.id = id
        self.token = token
    }
}

/// The id of a voice bridge: a UUID in every capture (docs/protocol.md, 5.2).
public typealias BridgeID = Identifier<Bridge>
/// The id of one device's connection to a bridge.
public typealias PeerID = Identifier<BridgeOffer>

/// What a bridge offers to one device of ours.
public struct BridgeOffer: Hashable, Sendable {
    /// Whose bridge it is.
    public let partyID: PartyID
    /// The bridge.
    public let bridgeID: BridgeID
    /// Our place on it.
    public let peerID: PeerID
    /// The session description to answer, as it came. It holds addresses and keys.
    public let sdp: String

    public init(partyID: PartyID, bridgeID: BridgeID, peerID: PeerID, sdp: String) {
        self.partyID = partyID
        self.bridgeID = bridgeID
        self.peerID = peerID
        self.sdp = sdp
    }
}
