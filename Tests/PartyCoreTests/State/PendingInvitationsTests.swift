import PartyCore
import Testing

struct PendingInvitationsTests {
    private static func invitation(_ from: AccountID?, to party: PartyID = partyID, name: String? = nil) -> Invitation {
        Invitation(partyID: party, name: name, from: from.map { Member(accountID: $0) })
    }

    private static func entry(_ invitation: Invitation, isListed: Bool = true) -> PendingInvitations.Entry {
        PendingInvitations.Entry(invitation, isListed: isListed)
    }

    private static func state(after events: [PartyEvent]) -> PartyState {
        var state = PartyState()
        for event in events { state.apply(event) }
        return state
    }

    @Test func `an invitation is stored once, with all known values`() {
        let state = Self.state(after: [
            PartyEvent(.invitationReceived, Self.invitation(bob)),
            PartyEvent(.invitationReceived, Self.invitation(bob, name: "Friday")),
            PartyEvent(.invitationReceived, Self.invitation(nil)),
        ])
        #expect(state.invitations.entries == [Self.entry(Self.invitation(bob, name: "Friday"), isListed: false)])
    }

    @Test(arguments: [PartyEvent.Kind.invitationRemoved, .partyDeleted])
    func `a withdrawal and the end of the party remove an invitation`(kind: PartyEvent.Kind) {
        let other = PartyID("T")
        let state = Self.state(after: [
            PartyEvent(.invitationReceived, Self.invitation(bob)),
            PartyEvent(.invitationReceived, Self.invitation(bob, to: other)), PartyEvent(kind: kind, partyID: partyID),
        ])
        #expect(state.invitations.entries.map(\.invitation.partyID) == [other])
    }

    @Test func `a list of invitations gives the events that were missed`() {
        var state = Self.state(after: [PartyEvent(.invitationReceived, Self.invitation(bob))])
        let fresh = Self.invitation(alice, to: PartyID("T"), name: "new")
        let first = state.adopt([Self.entry(Self.invitation(bob)), Self.entry(fresh)])
        #expect(first == [PartyEvent(.invitationReceived, fresh)])
        #expect(first.first?.changes == [.name("new")])
        let second = state.adopt([Self.entry(fresh)])
        #expect(second == [PartyEvent(.invitationRemoved, Self.invitation(bob))])
        #expect(state.adopt([Self.entry(fresh)]).isEmpty)
    }

    @Test func `the inviter of a known invitation is a change`() {
        var state = Self.state(after: [PartyEvent(.invitationReceived, Self.invitation(nil))])
        #expect(
            state.adopt([Self.entry(Self.invitation(bob))]) == [
                PartyEvent(.invitationReceived, Self.invitation(bob))
            ])
        #expect(state.adopt([Self.entry(Self.invitation(bob))]).isEmpty)
    }

    @Test func `of many invitations the latest are kept`() {
        let state = Self.state(
            after: (0..<1000).map {
                PartyEvent(.invitationReceived, Self.invitation(bob, to: PartyID("party \($0)")))
            })
        #expect(state.invitations.entries.count == 256)
        #expect(state.invitations.entries.last?.invitation.partyID == PartyID("party 999"))
    }
}
