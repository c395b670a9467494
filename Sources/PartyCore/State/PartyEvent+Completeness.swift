/// Incomplete events: a change without its value, or of a member that no event announced (docs/protocol.md, 7.6). After
/// one of these only the service knows the present state.
extension PartyEvent {
    /// Whether the state of its party session is unknown after the event.
    package func leavesOpen(_ party: PartySession) -> Bool {
        switch kind {
        case .partyUpdated: changes.isEmpty
        case .memberJoined: members.isEmpty
        case .memberLeft: members.isEmpty || !members.allSatisfy(party.holds)
        case .memberUpdated: changes.isEmpty || members.isEmpty || !members.allSatisfy(party.holdsSameMembership)
        case .ownerChanged: owner.map(party.holds) != true
        case .messageReceived, .voiceSignal: from.map(party.holds) == false
        case .partyCreated, .partyDeleted, .invitationReceived, .invitationRemoved, .partyVisible, .partyHidden,
            .voiceBridge, .other:
            false
        }
    }

    /// Whether the event is of a party session of ours that is not in the state. A copy for outsiders is not.
    package var isOfUnknownParty: Bool {
        switch kind {
        case .partyCreated: false
        // It announces the party session.
        case .memberJoined: members.isEmpty
        case .partyDeleted, .invitationReceived, .invitationRemoved, .partyVisible, .partyHidden, .other: false
        case .partyUpdated, .memberLeft, .memberUpdated, .ownerChanged, .voiceSignal, .voiceBridge, .messageReceived:
            dataType?.isOutside != true
        }
    }

    private var owner: Member? {
        for case .owner(let member) in changes { return member }
        return nil
    }
}

extension PartyEvent.Kind {
    /// Whether the event reports a change of the state.
    package var tellsOfChange: Bool {
        switch self {
        case .partyCreated, .partyUpdated, .partyDeleted, .memberJoined, .memberLeft, .memberUpdated, .ownerChanged,
            .invitationReceived, .invitationRemoved:
            true
        case .partyVisible, .partyHidden, .voiceSignal, .voiceBridge, .messageReceived, .other: false
        }
    }
}

extension PartySession {
    fileprivate func holds(_ member: Member) -> Bool {
        members.contains { member.names($0) }
    }

    /// A different position in the join order is another membership: its begin, or the end of this one, was missed.
    fileprivate func holdsSameMembership(_ member: Member) -> Bool {
        guard let known = self.member(named: member) else { return false }
        guard let order = member.joinOrder, let before = known.joinOrder else { return true }
        return order == before
    }
}
