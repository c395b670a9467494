import PartyCore
import Testing

@testable import psparty

@Suite struct EventDescriberTests {
    static let me = AccountID(1_000_000_000_000_000_001)
    static let first = PartyID("11111111-2222-4333-8444-555555555555")
    static let second = PartyID("22222222-2222-4333-8444-555555555555")

    private static func member(_ number: UInt64, _ platform: Platform? = .ps5, voice: Bool? = nil) -> Member {
        Member(
            accountID: AccountID(1_000_000_000_000_000_000 + number),
            onlineID: ["ann", "bob", "carol"][Int(number) - 1], platform: platform, joinOrder: Int64(number),
            voice: voice)
    }

    private static func describer() -> EventDescriber {
        EventDescriber(me: me, invocation: Invocation(profile: nil, server: nil))
    }

    /// The sentences of these events, without the party.
    private static func texts(_ events: [PartyEvent], _ origin: StreamEvent.Origin = .frame) -> [String] {
        var describer = describer()
        return events.map { describer.take($0, origin).text }
    }

    private static func event(
        _ kind: PartyEvent.Kind, in party: PartyID? = first, from: Member? = nil, _ members: [Member] = [],
        _ changes: [PartyEvent.Change] = []
    ) -> PartyEvent {
        PartyEvent(kind: kind, partyID: party, from: from, members: members, changes: changes)
    }

    @Test func `people come, talk and go`() {
        #expect(
            Self.texts([
                Self.event(.memberJoined, [Self.member(1)]), Self.event(.partyCreated, from: Self.member(1)),
                Self.event(.memberJoined, [Self.member(2)]),
                Self.event(.memberUpdated, [Self.member(2)], [.voice(true)]),
                Self.event(.memberUpdated, [Self.member(1)], [.voice(false)]),
                Self.event(.memberLeft, [Self.member(2), Self.member(3)]),
                Self.event(.ownerChanged, [], [.owner(Self.member(1))]), Self.event(.partyDeleted),
            ]) == [
                "you joined", "you started a party", "bob joined", "bob's voice is on", "your voice is off",
                "bob and carol left", "you are now the owner", "the party ended",
            ])
    }

    @Test func `settings that changed are named with the new value, and by whom`() {
        #expect(
            Self.texts([
                Self.event(.partyUpdated, [], [.name("Late show")]),
                Self.event(.partyUpdated, from: Self.member(2), [], [.maxMembers(8)]),
                Self.event(.partyUpdated, [], [.visibility(.friends), .joinableBy(.inviteOnly)]),
                Self.event(.partyUpdated, [], [.name("")]),
            ]) == [
                #"the party is now called "Late show""#, "the party now has room for 8 (by bob)",
                "the party is now visible to friends; it is now open to invited people only",
                "the party now has no name",
            ])
    }

    @Test func `what a look-up finds is late only if something else was known before`() {
        var describer = Self.describer()
        _ = describer.take(Self.event(.memberJoined, [Self.member(2)]), .frame)
        let settings = Self.event(.partyUpdated, [], [.name("Friday"), .owner(Self.member(1))])
        let learnt = describer.take(settings, .comparison)
        #expect(learnt.text == #"party "Friday": owner you"#)
        #expect(learnt.weight == .detail)
        let renamed = describer.take(Self.event(.partyUpdated, [], [.name("Saturday")]), .comparison)
        #expect(renamed.text == #"the party is now called "Saturday" (noticed late)"#)
        #expect(renamed.weight == .news)
        // The stream may find what another look-up has told already.
        let again = Self.event(.partyUpdated, [], [.name("Saturday"), .maxMembers(8)])
        #expect(describer.take(again, .comparison).weight == .detail)
        #expect(describer.take(Self.event(.memberJoined, [Self.member(2)]), .comparison).weight == .detail)
    }

    @Test func `members who were there before us did not join late`() {
        var describer = Self.describer()
        var own = Self.member(1)
        own.joinOrder = 2
        _ = describer.take(Self.event(.memberJoined, [own]), .frame)
        var (earlier, later) = (Self.member(2, voice: true), Self.member(3))
        (earlier.joinOrder, later.joinOrder) = (1, 3)
        let there = describer.take(Self.event(.memberJoined, [earlier]), .comparison)
        #expect(there.text == "bob is in the party, voice on")
        #expect(there.weight == .detail)
        let late = describer.take(Self.event(.memberJoined, [later]), .comparison)
        #expect(late.text == "carol joined (noticed late)")
        #expect(late.weight == .news)
    }

    @Test func `the state at the start is told as a state`() {
        #expect(
            Self.texts(
                [
                    Self.event(
                        .partyCreated, [],
                        [.name("Friday"), .visibility(.inviteOnly), .maxMembers(16), .owner(Self.member(2))]),
                    Self.event(.memberJoined, [Self.member(2)]), Self.event(.memberJoined, [Self.member(1)]),
                ], .snapshot) == [
                    #"party "Friday": invite-only, room for 16, owner bob"#, "bob is in the party",
                    "you are in the party",
                ])
    }

    @Test func `an update without content is a detail`() {
        var describer = Self.describer()
        for event in [Self.event(.memberUpdated, [Self.member(2)]), Self.event(.partyUpdated)] {
            #expect(describer.take(event, .frame).weight == .detail)
        }
    }

    @Test func `the second device of an account is named`() {
        #expect(
            Self.texts([
                Self.event(.memberJoined, [Self.member(2, .ps5)]),
                Self.event(.memberJoined, [Self.member(2, .mobileApp)]),
                Self.event(.memberLeft, [Self.member(2, .ps5)]),
                Self.event(.memberLeft, [Self.member(2, .mobileApp)]),
            ]) == ["bob joined", "bob joined with mobile", "bob left with PS5", "bob left"])
    }

    @Test func `an invitation names the inviter, the party and the command that accepts it`() {
        var describer = Self.describer()
        let invitation = describer.take(
            Self.event(.invitationReceived, from: Self.member(2), [], [.name("Late show")]), .frame)
        #expect(invitation.text == #"bob invites you to "Late show""#)
        #expect(invitation.command == "psparty join 11111111-2222-4333-8444-555555555555")
        var named = EventDescriber(me: Self.me, invocation: Invocation(profile: "work", server: nil))
        let unnamed = named.take(Self.event(.invitationReceived), .frame)
        #expect(unnamed.text == "a user without a name invites you to the party 11111111")
        #expect(unnamed.command == "psparty join 11111111-2222-4333-8444-555555555555 --profile work")
        let gone = Self.event(.invitationRemoved, from: Self.member(2), [], [.name("Late show")])
        #expect(Self.texts([gone]) == [#"the invitation from bob to "Late show" is gone"#])
    }

    @Test func `the party is named as soon as there is a second one`() {
        var describer = Self.describer()
        func party(_ event: PartyEvent) -> String? { describer.take(event, .frame).party }
        #expect(party(Self.event(.memberJoined, in: Self.first, [Self.member(1)])) == nil)
        #expect(party(Self.event(.invitationReceived, in: Self.second, from: Self.member(2))) == nil)
        #expect(party(Self.event(.memberJoined, in: Self.first, [Self.member(2)])) == nil)
        #expect(party(Self.event(.memberJoined, in: Self.second, [Self.member(1)])) == "22222222")
        #expect(party(Self.event(.partyUpdated, in: Self.second, [], [.name("Friday")])) == "Friday")
        #expect(party(Self.event(.memberJoined, in: Self.first, [Self.member(3)])) == "11111111")
        #expect(party(Self.event(.partyUpdated, in: Self.first, [], [.name("Friday")])) == "Friday 11111111")
        #expect(party(Self.event(.partyDeleted, in: Self.second)) == "Friday 22222222")
    }

    @Test func `every type has words`() {
        for kind in PartyEvent.Kind.allCases {
            for origin in [StreamEvent.Origin.frame, .comparison, .snapshot] {
                for members in [[], [Self.member(1)], [Self.member(2), Self.member(3)]] {
                    var describer = Self.describer()
                    #expect(!describer.take(Self.event(kind, in: nil, members), origin).text.isEmpty)
                }
            }
        }
    }
}
