/// The party sessions of one account, computed from events. An event that is unknown, stale or repeated changes
/// nothing.
public struct PartyState: Sendable, Equatable {
    /// The party sessions that the account is in, by id.
    public private(set) var parties: [PartyID: PartySession] = [:]
    /// The invitations to this account.
    package private(set) var invitations = PendingInvitations()
    /// The ended party sessions: frames arrive out of order, and a late one must not restore an ended session.
    private var ended = RecentParties(limit: 1024)

    /// Limits far above those of the service. Parties and members beyond them are ignored.
    private static let mostParties = 256
    fileprivate static let mostMembers = 256

    /// A state without any party session.
    public init() {}

    /// Replaces a party session by the result of a look-up.
    public mutating func replace(_ party: PartySession) {
        ended.remove(party.id)
        parties[party.id] = party
    }

    /// Whether events have reported the end of the party session.
    package func hasEnded(_ id: PartyID) -> Bool { ended.contains(id) }

    /// Replaces the known invitations by the service's, and returns events for the differences.
    package mutating func adopt(_ pending: [PendingInvitations.Entry]) -> [PartyEvent] {
        let (received, removed) = invitations.adopt(pending)
        return received.map { PartyEvent(.invitationReceived, $0) } + removed.map { PartyEvent(.invitationRemoved, $0) }
    }

    /// Removes a party session that the service no longer shows; events may bring it back.
    mutating func forget(_ id: PartyID) {
        parties[id] = nil
    }

    /// Applies an event and returns it with the details that were known before: a frame that names a member by account
    /// only gets the name and the join time of an earlier one.
    @discardableResult
    public mutating func apply(_ event: consuming PartyEvent) -> PartyEvent {
        guard let id = event.partyID, !ended.contains(id) else { return event }
        // One look-up; the value is changed in place.
        let place = parties.index(forKey: id)
        if let place { event.members.complete(by: parties.values[place].members) }
        switch event.kind {
        case .partyDeleted:
            parties[id] = nil
            invitations.remove(to: id)
            ended.insert(id)
        case .invitationReceived:
            if let invitation = event.invitation { invitations.receive(invitation) }
        case .invitationRemoved: invitations.remove(to: id)
        case .other, .messageReceived, .voiceSignal, .voiceBridge, .partyVisible, .partyHidden: break
        case .partyCreated where place == nil, .memberJoined where place == nil:
            // A copy for outsiders is not of a party session of ours.
            guard event.dataType?.isOutside != true, parties.count < Self.mostParties else { break }
            var party = PartySession(id: id)
            party.fold(event)
            parties[id] = party
        case .partyCreated, .memberJoined, .partyUpdated, .ownerChanged, .memberLeft, .memberUpdated:
            // A change alone is not enough to add an unknown party session.
            if let place { parties.values[place].fold(event) }
        }
        return event
    }
}

extension [Member] {
    /// Completes each member with its known values.
    fileprivate mutating func complete(by known: [Member]) {
        for index in indices {
            guard let same = known.first(where: { self[index].names($0) }) else { continue }
            self[index] = same.merging(self[index])
        }
    }
}

extension PartySession {
    fileprivate mutating func fold(_ event: PartyEvent) {
        switch event.kind {
        case .memberJoined: for member in event.members { put(member) }
        case .memberLeft:
            members.removeAll { known in event.members.contains { $0.names(known) } }
        case .memberUpdated:
            for member in event.members {
                guard let known = self.member(named: member) else { continue }
                // Only a join sets the time of joining: an update may be late and of an earlier membership.
                var updated = member
                updated.joinOrder = known.joinOrder ?? member.joinOrder
                updated.joinedAt = known.joinedAt ?? member.joinedAt
                put(updated)
            }
        default: break
        }
        for change in event.changes { fold(change) }
    }

    func member(named member: Member) -> Member? {
        members.first { member.names($0) }
    }

    private mutating func put(_ member: Member) {
        var changed = member
        if let index = members.firstIndex(where: { member.names($0) }) {
            changed = members[index].merging(member)
            members[index] = changed
            let (before, after) = (members[..<index].last, members[(index + 1)...].first)
            if before.map(changed.precedes) != true, after.map({ $0.precedes(changed) }) != true { return }
            members.remove(at: index)
        } else if members.count >= PartyState.mostMembers {
            return
        }
        // The roster is in the order of joining, although frames arrive out of order.
        members.insert(changed, at: members.firstIndex { changed.precedes($0) } ?? members.endIndex)
    }

    private mutating func fold(_ change: PartyEvent.Change) {
        switch change {
        case .name(let name): self.name = name
        case .visibility(let visibility): self.visibility = visibility
        case .joinableBy(let type): joinableBy = type
        case .maxMembers(let number): maxMembers = number
        case .owner(let member): owner = self.member(named: member)?.merging(member) ?? member
        case .voice, .customData: break
        }
    }
}

extension Member {
    fileprivate func precedes(_ other: Member) -> Bool {
        (joinOrder ?? .max, accountID) < (other.joinOrder ?? .max, other.accountID)
    }

    /// Whether a frame's member is the known one: a frame may omit the platform.
    func names(_ known: Member) -> Bool {
        accountID == known.accountID && (platform == nil || known.platform == nil || platform == known.platform)
    }
}
