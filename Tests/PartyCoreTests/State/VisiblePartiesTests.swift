import Testing

@testable import PartyCore

@Suite struct VisiblePartiesTests {
    private static let me = AccountID(1)
    private static let friend = Member(accountID: AccountID(2), onlineID: "psparty-user-b")

    private static func party(_ id: String, with me: Bool = false) -> PartySession {
        var party = PartySession(id: PartyID(id))
        party.name = "Friday"
        party.owner = friend
        party.members = [friend] + (me ? [Member(accountID: Self.me)] : [])
        return party
    }

    private static func words(_ events: [PartyEvent]) -> [String] {
        events.map { "\($0.kind.rawValue) \($0.partyID?.text ?? "")" }
    }

    private static func compare(
        _ parties: inout VisibleParties, _ list: [PartySession], isComplete: Bool = true
    ) -> [String] {
        words(parties.compare(with: list, isComplete: isComplete, me: me))
    }

    @Test func `a party that appears and disappears is reported once each, with its owner`() {
        var parties = VisibleParties()
        let events = parties.compare(with: [Self.party("a")], isComplete: true, me: Self.me)
        #expect(Self.words(events) == ["party.visible a"])
        #expect(events[0].from == Self.friend)
        #expect(events[0].members == [Self.friend])
        #expect(events[0].changes == [.name("Friday"), .owner(Self.friend)])
        #expect(Self.compare(&parties, [Self.party("a")]) == [])
        let gone = parties.compare(with: [], isComplete: true, me: Self.me)
        #expect(Self.words(gone) == ["party.hidden a"])
        #expect(gone[0].from == Self.friend)
        #expect(Self.compare(&parties, []) == [])
        #expect(Self.compare(&parties, [Self.party("a")]) == ["party.visible a"])
    }

    @Test func `a party that one is in is not reported, also not after one left it`() {
        var parties = VisibleParties()
        #expect(Self.compare(&parties, [Self.party("a", with: true)]) == [])
        #expect(Self.compare(&parties, [Self.party("a")]) == [])
        #expect(Self.compare(&parties, []) == [])
    }

    @Test func `a party that the stream told of is not reported`() {
        var parties = VisibleParties()
        parties.take(PartyEvent(kind: .invitationReceived, partyID: PartyID("a")))
        #expect(Self.compare(&parties, [Self.party("a"), Self.party("b")]) == ["party.visible b"])
        #expect(Self.compare(&parties, []) == ["party.hidden b"])
    }

    @Test func `a reported party whose end the stream told is not reported as hidden`() {
        var parties = VisibleParties()
        #expect(Self.compare(&parties, [Self.party("a"), Self.party("b")]) == ["party.visible a", "party.visible b"])
        parties.take(PartyEvent(kind: .memberJoined, partyID: PartyID("a")))
        parties.take(PartyEvent(kind: .partyDeleted, partyID: PartyID("a")))
        #expect(Self.compare(&parties, []) == ["party.hidden b"])
    }

    @Test func `a list that is cut off says nothing of the parties that it lacks`() {
        var parties = VisibleParties()
        #expect(Self.compare(&parties, [Self.party("a")]) == ["party.visible a"])
        #expect(Self.compare(&parties, [Self.party("b")], isComplete: false) == ["party.visible b"])
        #expect(Self.compare(&parties, [Self.party("b")]) == ["party.hidden a"])
    }
}
