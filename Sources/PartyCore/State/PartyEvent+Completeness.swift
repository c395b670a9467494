/// What an event leaves open: it may say that something changed and not what, or tell of a member that no event announced
/// (docs/protocol.md, 7.6). Then only the service knows what holds.
extension PartyEvent {
    /// Whether it leaves open how the party session, of which it is, is now.
    package func leavesOpen(_ party: PartySession) -> Bool {
        switch kind {
        case .partyUpdated: changes.isEmpty
        case .memberJoined: members.isEmpty
        case .memberLeft: members.isEmpty || !members.allSatisfy(party.holds)
        case .memberUpdated: changes.isEmpty || members.isEmpty || !members.allSatisfy(party.holdsSameMembership)
        case .ownerChanged: owner.map(party.holds) != true
        case .messageReceived, .voiceSignal: from.map(party.holds) == false
        case .partyCreated, .partyDeleted, .invitationReceived, .invitationRemoved, .voiceBridge, .other: false
        }
    }

    /// The same for a party session that is not known. What is not sent to its members says nothing of our own.
    package var isOfUnknownParty: Bool {
        switch kind {
        case .partyCreated: false
        // It makes the party session known.
        case .memberJoined: members.isEmpty
        case .partyDeleted, .invitationReceived, .invitationRemoved, .other: false
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
    /// Whether it tells that the state is another now.
    package var tellsOfChange: Bool {
        switch self {
        case .partyCreated, .partyUpdated, .partyDeleted, .memberJoined, .memberLeft, .memberUpdated, .ownerChanged,
            .invitationReceived, .invitationRemoved:
            true
        case .voiceSignal, .voiceBridge, .messageReceived, .other: false
        }
    }
}

extension PartySession {
    fileprivate func holds(_ member: Member) -> Bool {
        members.contains { member.names($0) }
    }

    /// Another place in the order of joining is another membership: its beginning, or the end of this one, was missed.
    fileprivate func holdsSameMembership(_ member: Member) -> Bool {
        guard let known = self.member(named: member) else { return false }
        guard let order = member.joinOrder, let before = known.joinOrder else { return true }
        return order == before
    }
}
