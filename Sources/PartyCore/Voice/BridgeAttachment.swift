/// A bridge and this device's place on it, as far as they were opened. They have to be removed again.
public struct BridgeAttachment: Sendable, Equatable {
    /// The place of this device on the bridge.
    package enum Peer: Sendable, Equatable {
        case none
        /// It was requested and the response is unknown. The others were there before.
        case asked(others: [PeerID])
        case known(PeerID)
    }

    /// Identifies the attachment in the profile. The service does not know it.
    let id: String
    /// The party session of the bridge.
    public let partyID: PartyID
    /// When it was started.
    public let openedAt: Timestamp
    /// `nil` if it was requested and the response is unknown.
    package internal(set) var bridge: Bridge?
    /// Whether this profile made the bridge, and so has to delete it.
    package let isOurs: Bool
    /// Whether the bridge is linked to the party session.
    package internal(set) var isLinked: Bool
    /// The place of this device.
    package internal(set) var peer = Peer.none
    /// Whether the bridge's offer was answered.
    package internal(set) var isAnswered = false
    /// Whether the command that opened it left it open on purpose, for an answer that follows.
    package internal(set) var isKept = false

    /// An attachment whose bridge is not made yet.
    init(id: String, partyID: PartyID, openedAt: Timestamp) {
        self.id = id
        self.partyID = partyID
        self.openedAt = openedAt
        isOurs = true
        isLinked = false
    }

    /// An attachment to the bridge that the party session has already.
    init(id: String, partyID: PartyID, openedAt: Timestamp, sharing bridge: Bridge) {
        self.id = id
        self.partyID = partyID
        self.openedAt = openedAt
        self.bridge = bridge
        isOurs = false
        isLinked = true
    }

    /// Whether both are the same attachment, possibly in different states.
    func isSame(as other: BridgeAttachment) -> Bool { id == other.id }

    /// The id of the place, if it is known.
    package var peerID: PeerID? {
        if case .known(let id) = peer { id } else { nil }
    }
}

extension BridgeAttachment {
    /// How long after the start a new place on a shared bridge may be the one that was requested.
    static let memory: Duration = .seconds(600)

    /// The place whose id never arrived: the only new one on the bridge. Later, or among several, it cannot
    /// be told from other members' places, which must not be removed.
    func lostPeer(among present: [PeerID], at now: Timestamp) -> PeerID? {
        guard case .asked(let others) = peer, now - openedAt < Self.memory else { return nil }
        let new = present.filter { !others.contains($0) }
        return new.count == 1 ? new.first : nil
    }
}
