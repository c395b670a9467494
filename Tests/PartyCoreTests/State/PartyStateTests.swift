import PartyCore
import PartyTestSupport
import Testing

struct PartyStateTests {
    private static func member(
        _ account: AccountID, _ platform: Platform? = .ps5, order: Int64? = nil, voice: Bool? = nil, name: String? = nil
    ) -> Member {
        Member(accountID: account, onlineID: name, platform: platform, joinOrder: order, voice: voice)
    }

    private static func event(
        _ kind: PartyEvent.Kind, _ members: [Member] = [], _ changes: [PartyEvent.Change] = [],
        party: PartyID? = partyID
    ) -> PartyEvent {
        PartyEvent(kind: kind, partyID: party, members: members, changes: changes)
    }

    private static func state(after events: [PartyEvent]) -> PartyState {
        var state = PartyState()
        for event in events { state.apply(event) }
        return state
    }

    private static func members(after events: [PartyEvent]) -> [Member] {
        state(after: events).parties[partyID]?.members ?? []
    }

    @Test func `joins add members and departures remove them`() {
        let joined = [Self.event(.memberJoined, [Self.member(alice)]), Self.event(.memberJoined, [Self.member(bob)])]
        #expect(Self.members(after: joined) == [Self.member(alice), Self.member(bob)])
        #expect(Self.members(after: joined + [Self.event(.memberLeft, [Self.member(alice)])]) == [Self.member(bob)])
    }

    @Test func `a member who joins twice is listed once, with the values of both frames`() {
        let twice = [
            Self.event(.memberJoined, [Self.member(alice, order: 1, name: "psparty-user-a")]),
            Self.event(.memberJoined, [Self.member(alice, voice: true)]),
        ]
        #expect(Self.members(after: twice) == [Self.member(alice, order: 1, voice: true, name: "psparty-user-a")])
    }

    @Test func `the roster is in the order of joining although frames are not`() {
        let third = AccountID(3)
        let events = [
            Self.event(.memberJoined, [Self.member(bob, order: 2)]), Self.event(.memberJoined, [Self.member(third)]),
            Self.event(.memberJoined, [Self.member(alice, order: 1)]),
        ]
        #expect(Self.members(after: events).map(\.accountID) == [alice, bob, third])
    }

    @Test func `two devices of one account are two members`() {
        let both = Self.event(
            .memberJoined, [Self.member(alice, .ps5, order: 1), Self.member(alice, .mobileApp, order: 2)])
        let left = Self.event(.memberLeft, [Self.member(alice, .ps5)])
        #expect(Self.members(after: [both]).map(\.platform) == [.ps5, .mobileApp])
        #expect(Self.members(after: [both, left]).map(\.platform) == [.mobileApp])
        let voice = Self.event(.memberUpdated, [Self.member(alice, .mobileApp, voice: true)])
        #expect(Self.members(after: [both, voice]).map(\.voice) == [nil, true])
    }

    @Test func `an update of a non-member adds no member`() {
        #expect(Self.members(after: [Self.event(.memberUpdated, [Self.member(bob, voice: true)])]) == [])
        let joined = Self.event(.memberJoined, [Self.member(alice)])
        let leaving = Self.event(.memberLeft, [Self.member(bob)])
        #expect(Self.members(after: [joined, leaving]) == [Self.member(alice)])
    }

    @Test func `settings change one by one`() throws {
        let changes: [PartyEvent.Change] = [
            .name("Friday"), .visibility(.friends), .joinableBy(.friends), .maxMembers(4), .voice(true),
            .customData(1, "eA=="),
        ]
        let events = changes.map { Self.event(.partyUpdated, [], [$0]) }
        #expect(Self.state(after: events).parties.isEmpty)
        let state = Self.state(after: [Self.event(.partyCreated)] + events)
        let expected = PartySession(
            id: partyID, name: "Friday", visibility: .friends, joinableBy: .friends, maxMembers: 4)
        #expect(state.parties == [partyID: expected])
    }

    @Test func `a new owner is completed from the roster`() {
        let joined = Self.event(.memberJoined, [Self.member(alice, order: 1, name: "psparty-user-a")])
        let owner = Self.event(.ownerChanged, [], [.owner(Self.member(alice))])
        let state = Self.state(after: [joined, owner])
        #expect(state.parties[partyID]?.owner == Self.member(alice, order: 1, name: "psparty-user-a"))
        let stranger = Self.state(after: [joined, Self.event(.ownerChanged, [], [.owner(Self.member(bob))])])
        #expect(stranger.parties[partyID]?.owner == Self.member(bob))
    }

    @Test func `an event is returned with known details`() {
        var state = Self.state(after: [
            Self.event(.memberJoined, [Self.member(alice, order: 1, name: "psparty-user-a")])
        ])
        let update = state.apply(Self.event(.memberUpdated, [Self.member(alice, voice: true)]))
        #expect(update.members == [Self.member(alice, order: 1, voice: true, name: "psparty-user-a")])
        let left = state.apply(Self.event(.memberLeft, [Self.member(alice), Self.member(bob)]))
        #expect(left.members == [Self.member(alice, order: 1, voice: true, name: "psparty-user-a"), Self.member(bob)])
    }

    @Test func `a deleted party is removed, and a second deletion has no effect`() {
        let created = Self.event(.partyCreated)
        let deleted = Self.event(.partyDeleted)
        #expect(Self.state(after: [created]).parties == [partyID: PartySession(id: partyID)])
        #expect(Self.state(after: [created, deleted]).parties.isEmpty)
        #expect(Self.state(after: [created, deleted, deleted]) == Self.state(after: [created, deleted]))
    }

    @Test(arguments: PartyEvent.Kind.allCases)
    func `late events do not restore an ended party`(_ kind: PartyEvent.Kind) {
        let late = Self.event(kind, [Self.member(alice)], [.name("x")])
        #expect(Self.state(after: [Self.event(.partyCreated), Self.event(.partyDeleted), late]).parties.isEmpty)
    }

    @Test func `a frame without a platform means the account's member`() {
        let joined = Self.event(.memberJoined, [Member(accountID: alice, platform: .ps5), Self.member(bob)])
        let left = Self.event(.memberLeft, [Member(accountID: alice)])
        #expect(Self.members(after: [joined, left]) == [Self.member(bob)])
    }

    @Test func `a join order learnt later sorts the roster`() {
        let joined = Self.event(.memberJoined, [Self.member(bob, order: 2), Self.member(alice)])
        let update = Self.event(.memberUpdated, [Self.member(alice, order: 1)])
        #expect(Self.members(after: [joined, update]).map(\.accountID) == [alice, bob])
    }

    @Test(
        arguments: [
            .invitationReceived, .invitationRemoved, .other, .messageReceived, .voiceSignal, .voiceBridge,
            .partyDeleted,
        ] as [PartyEvent.Kind])
    func `events that change no party create none`(_ kind: PartyEvent.Kind) {
        let event = Self.event(kind, [Self.member(alice)], [.name("x")])
        #expect(Self.state(after: [event]).parties.isEmpty)
    }

    @Test(arguments: PartyEvent.Kind.allCases)
    func `an event without a party changes nothing and is returned unchanged`(_ kind: PartyEvent.Kind) {
        var state = Self.state(after: [Self.event(.partyCreated)])
        let before = state
        let event = Self.event(kind, [Self.member(alice)], [.name("x")], party: nil)
        #expect(state.apply(event) == event)
        #expect(state == before)
    }

    @Test func `a party is replaced completely`() {
        var state = Self.state(after: [Self.event(.memberJoined, [Self.member(alice)])])
        let party = PartySession(id: partyID, name: "new", members: [Self.member(bob)])
        state.replace(party)
        #expect(state.parties == [partyID: party])
    }

    @Test func `parties are independent of each other`() {
        let other = PartyID("T")
        let events = [
            Self.event(.memberJoined, [Self.member(alice)]),
            Self.event(.memberJoined, [Self.member(bob)], party: other),
            Self.event(.partyDeleted, party: other),
        ]
        #expect(Self.state(after: events).parties.keys.map(\.text) == [partyID.text])
    }

    @Test(arguments: 0..<20)
    func `applying an event twice has the effect of once`(_ seed: Int) {
        var generator = SeededChance(seed: UInt64(seed))
        var state = PartyState()
        for _ in 0..<100 {
            let event = Self.randomEvent(&generator)
            let completed = state.apply(event)
            let once = state
            let again = state.apply(event)
            #expect(state == once)
            if event.kind != .memberLeft, event.kind != .partyDeleted { #expect(again.kind == completed.kind) }
            for party in state.parties.values {
                #expect(Set(party.members.map(\.key)).count == party.members.count)
            }
        }
    }

    private static func randomEvent(_ generator: inout SeededChance) -> PartyEvent {
        func pick<Value>(_ values: [Value], _ generator: inout SeededChance) -> Value {
            values[Int.random(in: 0..<values.count, using: &generator)]
        }
        let members = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            member(
                AccountID(UInt64.random(in: 1...3, using: &generator)), pick([.ps5, .mobileApp, nil], &generator),
                order: pick([nil, 1, 2, 3], &generator), voice: pick([nil, true, false], &generator),
                name: pick([nil, "psparty-user-a", "psparty-user-b"], &generator))
        }
        let changes: [PartyEvent.Change] = [
            .name("x"), .name("y"), .visibility(.friends), .joinableBy(.inviteOnly), .maxMembers(3), .voice(true),
            .customData(1, "eA=="), .owner(member(alice)), .owner(member(AccountID(1), .ps5)),
        ]
        return PartyEvent(
            kind: pick(PartyEvent.Kind.allCases, &generator), partyID: pick([partyID, PartyID("T")], &generator),
            members: members, changes: [pick(changes, &generator), pick(changes, &generator)])
    }
}
