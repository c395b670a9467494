/// What is known of the party sessions around one account, folded from events: the one place where an event changes
/// anything. It is total: an event that is unknown, stale or told twice changes nothing.
public struct PartyState: Sendable, Equatable {
    public private(set) var parties: [PartyID: PartySession] = [:]

    public init() {}

    /// Puts a party session in place as the service tells it, for good or until the next event.
    public mutating func replace(_ party: PartySession) {
        parties[party.id] = party
    }

    /// Folds one event in and returns it completed by what was known before: a frame that names a member by account
    /// alone comes out with the name and join time that an earlier one told.
    @discardableResult
    public mutating func apply(_ event: PartyEvent) -> PartyEvent {
        guard let id = event.partyID else { return event }
        var completed = event
        if let known = parties[id] {
            completed.members = event.members.map { member in
                known.members.first { $0.key == member.key }?.merging(member) ?? member
            }
        }
        switch event.kind {
        case .partyDeleted:
            parties[id] = nil
        case .invitationReceived, .invitationRemoved, .other, .messageReceived, .voiceSignal, .voiceBridge:
            break
        case .partyCreated, .partyUpdated, .ownerChanged, .memberJoined, .memberLeft, .memberUpdated:
            parties[id, default: PartySession(id: id)].fold(completed)
        }
        return completed
    }
}

extension PartySession {
    fileprivate mutating func fold(_ event: PartyEvent) {
        switch event.kind {
        case .memberJoined: for member in event.members { put(member) }
        case .memberLeft:
            let gone = Set(event.members.map(\.key))
            members.removeAll { gone.contains($0.key) }
        case .memberUpdated:
            for member in event.members where members.contains(where: { $0.key == member.key }) { put(member) }
        default: break
        }
        for change in event.changes { fold(change) }
    }

    private mutating func put(_ member: Member) {
        guard let index = members.firstIndex(where: { $0.key == member.key }) else {
            members.append(member)
            // Frames arrive out of order; the roster is in the order of joining all the same.
            members.sort { ($0.joinOrder ?? .max, $0.accountID) < ($1.joinOrder ?? .max, $1.accountID) }
            return
        }
        members[index] = members[index].merging(member)
    }

    private mutating func fold(_ change: PartyEvent.Change) {
        switch change {
        case .name(let name): self.name = name
        case .visibility(let visibility): self.visibility = visibility
        case .joinableBy(let type): joinableBy = type
        case .maxMembers(let number): maxMembers = number
        case .owner(let member): owner = members.first { $0.key == member.key }?.merging(member) ?? member
        case .voice, .customData: break
        }
    }
}
