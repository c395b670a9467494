import PartyTestSupport
import Testing

@testable import PartyCore

/// The events that do not determine the present state.
struct EventCompletenessTests {
    private static let bobs = Member(accountID: bob, platform: .ps5, joinOrder: 2)
    private static let party = PartySession(
        id: partyID, members: [Member(accountID: alice, platform: .mobileApp, joinOrder: 1), bobs])
    private static let stranger = Member(accountID: AccountID(3), platform: .ps5)

    static let complete: [PartyEvent] = [
        PartyEvent(kind: .partyUpdated, changes: [.name("x")]),
        PartyEvent(kind: .memberUpdated, members: [bobs], changes: [.voice(true)]),
        PartyEvent(kind: .memberUpdated, members: [Member(accountID: bob)], changes: [.voice(true)]),
        PartyEvent(kind: .memberJoined, members: [stranger]), PartyEvent(kind: .memberLeft, members: [bobs]),
        PartyEvent(kind: .ownerChanged, changes: [.owner(bobs)]), PartyEvent(kind: .messageReceived, from: bobs),
        PartyEvent(kind: .messageReceived), PartyEvent(kind: .other), PartyEvent(kind: .voiceBridge),
        PartyEvent(kind: .invitationReceived, from: stranger), PartyEvent(kind: .invitationRemoved),
    ]

    static let incomplete: [PartyEvent] = [
        PartyEvent(kind: .partyUpdated), PartyEvent(kind: .memberUpdated, members: [bobs]),
        PartyEvent(kind: .memberUpdated, changes: [.voice(true)]),
        PartyEvent(kind: .memberUpdated, members: [stranger], changes: [.voice(true)]),
        // Another position in the join order is another membership.
        PartyEvent(
            kind: .memberUpdated, members: [Member(accountID: bob, platform: .ps5, joinOrder: 7)],
            changes: [.voice(true)]),
        PartyEvent(kind: .memberJoined), PartyEvent(kind: .memberLeft),
        PartyEvent(kind: .memberLeft, members: [bobs, stranger]), PartyEvent(kind: .ownerChanged),
        PartyEvent(kind: .ownerChanged, changes: [.owner(stranger)]),
        PartyEvent(kind: .messageReceived, from: stranger), PartyEvent(kind: .voiceSignal, from: stranger),
    ]

    @Test(arguments: complete) func `an event with all values is complete`(event: PartyEvent) {
        #expect(!event.leavesOpen(Self.party))
    }

    @Test(arguments: incomplete) func `a change without its value, or of an unannounced member, is incomplete`(
        event: PartyEvent
    ) {
        #expect(event.leavesOpen(Self.party))
    }

    @Test func `an event of an unknown party is incomplete, unless it is a copy for others`() {
        var event = PartyEvent(kind: .partyUpdated, partyID: partyID, changes: [.name("x")])
        #expect(event.isOfUnknownParty)
        event.dataType = DataType(rawValue: "psn:sessionManager:sys:outside:v2:ps:visibilityType:updated")
        #expect(!event.isOfUnknownParty)
        #expect(!PartyEvent(kind: .other, partyID: partyID).isOfUnknownParty)
        #expect(!PartyEvent(kind: .memberJoined, partyID: partyID, members: [Self.bobs]).isOfUnknownParty)
    }

    @Test func `an update does not move a member in the order of joining`() {
        var state = PartyState()
        state.replace(Self.party)
        let late = Member(accountID: bob, platform: .ps5, joinOrder: 1, joinedAt: Timestamp(milliseconds: 5))
        state.apply(PartyEvent(kind: .memberUpdated, partyID: partyID, members: [late], changes: [.voice(true)]))
        #expect(state.parties[partyID]?.members.map(\.joinOrder) == [1, 2])
    }
}

/// The state has a bounded size for any input.
struct StateBoundsTests {
    @Test func `ended parties are remembered for a limited time`() {
        var state = PartyState()
        for number in 0..<5000 { state.apply(PartyEvent(kind: .partyDeleted, partyID: PartyID("\(number)"))) }
        #expect(state.hasEnded(PartyID("4999")))
        #expect(state.hasEnded(PartyID("4000")))
        #expect(!state.hasEnded(PartyID("0")))
    }

    @Test func `the numbers of parties and members are limited`() {
        var state = PartyState()
        for number in 0..<2000 { state.apply(PartyEvent(kind: .partyCreated, partyID: PartyID("\(number)"))) }
        #expect(state.parties.count == 256)
        let crowd = (1...2000).map { Member(accountID: AccountID($0)) }
        state.apply(PartyEvent(kind: .memberJoined, partyID: PartyID("0"), members: crowd))
        #expect(state.parties[PartyID("0")]?.members.count == 256)
    }

    @Test func `of many contexts the most recently used are kept`() {
        var log = SequenceLog()
        func mark(_ number: Int) -> [PushContext] { [PushContext(id: ContextID("\(number)"), sequenceNumber: 5)] }
        for number in 0..<10_000 {
            #expect(log.note(mark(number), fingerprint: 1) == .next)
            #expect(log.note(mark(0), fingerprint: 1) == .duplicate)
        }
        #expect(log.note(mark(9_999), fingerprint: 1) == .duplicate)
        // Forgotten long ago, and so new again.
        #expect(log.note(mark(17), fingerprint: 1) == .next)
    }

    @Test func `jumping numbers use little memory, and events with thousands of contexts little time`() {
        var log = SequenceLog()
        let id = ContextID("own")
        log.follow(id)
        for step in 1...20_000 {
            _ = log.note([PushContext(id: id, sequenceNumber: Int64(step) << 40)], fingerprint: step)
        }
        #expect(log.hasGaps)
        let marks = (0..<20_000).map { PushContext(id: ContextID("\($0)"), sequenceNumber: .max) }
        for _ in 0..<100 { _ = log.note(marks, fingerprint: 1) }
        log.settle()
        #expect(!log.hasGaps)
    }
}

/// A member who left and rejoined during an outage.
struct RejoinTests {
    private static func party(_ member: Member) -> PartySession {
        PartySession(id: partyID, members: [Member(accountID: alice, joinOrder: 1), member])
    }

    private static func told(_ before: Member, _ now: Member, me: AccountID? = alice) -> [PartyEvent] {
        var state = PartyState()
        state.replace(party(before))
        return state.adopt(party(now), as: partyID, me: me)
    }

    private static func member(order: Int64? = nil, at milliseconds: Int64? = nil) -> Member {
        Member(
            accountID: bob, platform: .ps5, joinOrder: order, joinedAt: milliseconds.map(Timestamp.init(milliseconds:)))
    }

    static let memberships: [(before: Member, now: Member)] = [
        (member(order: 2), member(order: 3)), (member(at: 1_700_000_000_123), member(at: 1_700_000_009_456)),
        (member(order: 2, at: 1_700_000_000_123), member(order: 2, at: 1_700_000_000_124)),
        (member(order: 2, at: 1_700_000_000_000), member(order: 2, at: 1_700_000_001_000)),
        (member(order: 2, at: .min), member(order: 2, at: .max)),
    ]

    @Test(arguments: memberships) func `a member who left and returned gives a departure and a join`(
        before: Member, now: Member
    ) {
        let events = Self.told(before, now)
        #expect(events.map(\.kind) == [.memberLeft, .memberJoined])
        #expect(events.map(\.members) == [[before], [now]])
        #expect(Self.told(before, now, me: bob).isEmpty, "our own device, joined again for us")
    }

    static let same: [(before: Member, now: Member)] = [
        (member(order: 2, at: 1_700_000_000_123), member(order: 2, at: 1_700_000_000_123)),
        // One time in seconds, the other in milliseconds.
        (member(order: 2, at: 1_700_000_000_123), member(order: 2, at: 1_700_000_000_000)),
        (member(order: 3), member(order: 2)), (member(), member(order: 2)), (member(order: 2), member(at: 1)),
    ]

    @Test(arguments: same) func `a member who stayed gives no event`(before: Member, now: Member) {
        #expect(Self.told(before, now).isEmpty)
    }
}
