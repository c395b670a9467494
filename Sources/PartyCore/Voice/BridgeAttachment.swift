/// A party session's bridge and our place on it, as far as it was opened: what has to be taken down again.
public struct BridgeAttachment: Sendable, Equatable {
    /// Our place on the bridge.
    package enum Peer: Sendable, Equatable {
        case none
        /// It was asked for and the answer is not known. The others were there before.
        case asked(others: [PeerID])
        case known(PeerID)
    }

    /// Tells the attachments of a profile apart; ours, not the service's.
    let id: String
    /// Whose bridge it is.
    public let partyID: PartyID
    /// When it was begun.
    public let openedAt: Timestamp
    /// `nil` where it was asked for and the answer is not known.
    package internal(set) var bridge: Bridge?
    /// Whether we made the bridge, and so have to delete it.
    package let isOurs: Bool
    /// Whether the party session has taken the bridge for its own.
    package internal(set) var isLinked: Bool
    /// Our place on it.
    package internal(set) var peer = Peer.none
    /// Whether the bridge's offer was answered.
    package internal(set) var isAnswered = false
    /// Whether the command that opened it has ended and left it open on purpose, for an answer that follows.
    package internal(set) var isKept = false

    /// A bridge that is still to be made.
    init(id: String, partyID: PartyID, openedAt: Timestamp) {
        self.id = id
        self.partyID = partyID
        self.openedAt = openedAt
        isOurs = true
        isLinked = false
    }

    /// The bridge that the party session has already.
    init(id: String, partyID: PartyID, openedAt: Timestamp, sharing bridge: Bridge) {
        self.id = id
        self.partyID = partyID
        self.openedAt = openedAt
        self.bridge = bridge
        isOurs = false
        isLinked = true
    }

    /// Whether both are the same attachment, however far each came.
    func isSame(as other: BridgeAttachment) -> Bool { id == other.id }

    /// Our place, where it is known.
    package var peerID: PeerID? {
        if case .known(let id) = peer { id } else { nil }
    }
}

extension BridgeAttachment {
    /// How long after its begin somebody new on a shared bridge may still be taken for the place we asked for.
    static let memory: Duration = .seconds(600)

    /// Which of those on the bridge is the place whose id never came: the only new one. Later or among several it cannot
    /// be told from other members' places, which are not ours to remove.
    func lostPeer(among present: [PeerID], at now: Timestamp) -> PeerID? {
        guard case .asked(let others) = peer, now - openedAt < Self.memory else { return nil }
        let new = present.filter { !others.contains($0) }
        return new.count == 1 ? new.first : nil
    }
}
