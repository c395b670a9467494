import PartyCore
import Testing

@testable import psparty

@Suite struct RosterModelTests {
    static let me = AccountID(1_000_000_000_000_000_001)
    static let friend = AccountID(1_000_000_000_000_000_002)
    static let first = PartyID("11111111-2222-4333-8444-555555555555")
    static let second = PartyID("22222222-2222-4333-8444-555555555555")

    static func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000 + seconds * 1000) }

    static func member(_ account: AccountID, joined: Int64? = nil, voice: Bool? = nil) -> Member {
        Member(
            accountID: account, onlineID: account == me ? "psparty-user-a" : "psparty-user-b", platform: .mobileApp,
            joinedAt: joined.map(at), voice: voice)
    }

    static func event(
        _ second: Int64, _ kind: PartyEvent.Kind, in party: PartyID = first, _ members: [Member] = [],
        _ changes: [PartyEvent.Change] = [], origin: StreamEvent.Origin = .frame
    ) -> StreamEvent {
        let event = PartyEvent(kind: kind, partyID: party, members: members, changes: changes)
        return StreamEvent(time: at(second), connection: 1, content: .party(event), origin: origin)
    }

    static func lifecycle(_ second: Int64, _ lifecycle: StreamLifecycle) -> StreamEvent {
        StreamEvent(time: at(second), connection: 1, content: .lifecycle(lifecycle))
    }

    private static func board(wanted: PartyID? = nil, _ events: [StreamEvent]) -> RosterModel {
        var board = RosterModel(wanted: wanted, me: me)
        for event in events { board.take([event], at: event.time) }
        return board
    }

    @Test func `the party joined last is shown, and after leaving it the previous one`() {
        var board = Self.board([
            Self.event(0, .memberJoined, in: Self.first, [Self.member(Self.me)]),
            Self.event(1, .memberJoined, in: Self.second, [Self.member(Self.me)]),
            Self.event(2, .memberJoined, in: Self.first, [Self.member(Self.friend)]),
        ])
        #expect(board.shown?.id == Self.second)
        board.take([Self.event(3, .memberLeft, in: Self.second, [Self.member(Self.me)])], at: Self.at(3))
        #expect(board.shown?.id == Self.first)
        #expect(board.shown?.members.count == 2)
        board.take([Self.event(4, .partyDeleted, in: Self.first)], at: Self.at(4))
        #expect(board.shown == nil)
        #expect(board.log.map(\.sentence.text).suffix(2) == ["you left", "the party ended"])
    }

    @Test func `a snapshot adds no event, and the join times of the service decide which party is shown`() {
        let board = Self.board([
            Self.event(9, .partyCreated, in: Self.second, [], [.name("Late")], origin: .snapshot),
            Self.event(9, .memberJoined, in: Self.second, [Self.member(Self.me, joined: 5)], origin: .snapshot),
            Self.event(9, .partyCreated, in: Self.first, [], [.name("Early")], origin: .snapshot),
            Self.event(9, .memberJoined, in: Self.first, [Self.member(Self.me, joined: 2)], origin: .snapshot),
        ])
        #expect(board.shown?.name == "Late")
        #expect(board.log.isEmpty)
        #expect(board.question == nil)
    }

    @Test func `a party that was just joined is looked up once`() throws {
        var board = Self.board([Self.event(0, .memberJoined, [Self.member(Self.me)])])
        let question = try #require(board.question)
        #expect(question.party == Self.first)
        let party = PartySession(
            id: Self.first, name: "Friday", members: [Self.member(Self.me), Self.member(Self.friend)])
        board.take(party, for: question, at: Self.at(1))
        #expect(board.shown?.name == "Friday")
        #expect(board.shown?.members.count == 2)
        #expect(board.question == nil)
        #expect(board.log.map(\.sentence.text) == ["you joined"])
    }

    @Test func `a response that may be older than the stream's events is requested again`() throws {
        var board = Self.board([Self.event(0, .memberJoined, [Self.member(Self.me)])])
        let question = try #require(board.question)
        board.take([Self.event(1, .memberJoined, [Self.member(Self.friend)])], at: Self.at(1))
        board.take(PartySession(id: Self.first, members: [Self.member(Self.me)]), for: question, at: Self.at(2))
        #expect(board.shown?.members.count == 2)
        #expect(board.question != nil)
    }

    @Test func `a response without the party that was just joined removes nothing`() throws {
        var board = Self.board([Self.event(0, .memberJoined, [Self.member(Self.me)])])
        board.take(nil, for: try #require(board.question), at: Self.at(1))
        #expect(board.shown?.id == Self.first)
        #expect(board.question != nil)
    }

    @Test func `a party that we are not in is polled, and its changes become events`() throws {
        var board = Self.board(wanted: Self.first, [])
        let question = try #require(board.question)
        let before = PartySession(id: Self.first, name: "Friday", members: [Self.member(Self.friend)])
        board.take(before, for: question, at: Self.at(1))
        #expect(board.log.isEmpty)
        var after = before
        after.name = "Saturday"
        board.take(after, for: try #require(board.question), at: Self.at(2))
        #expect(board.shown?.name == "Saturday")
        #expect(board.log.map(\.sentence.text) == ["the party is now called \"Saturday\""])
        board.take(nil, for: try #require(board.question), at: Self.at(3))
        #expect(board.hasEnded && board.shown == nil && board.question == nil)
    }

    @Test func `only events of the shown party are listed`() {
        let board = Self.board(
            wanted: Self.first,
            [
                Self.event(0, .memberJoined, in: Self.first, [Self.member(Self.me)]),
                Self.event(1, .memberJoined, in: Self.second, [Self.member(Self.me)]),
            ])
        #expect(board.shown?.id == Self.first)
        #expect(board.log.count == 1)
    }

    @Test func `the last thousand entries are kept, and a loss with its tries is one`() {
        var events = (0..<1200).map { Self.event($0, .memberJoined, [Self.member(Self.friend)]) }
        #expect(Self.board(events).log.map(\.time) == (200..<1200).map(Self.at))
        #expect(Self.board(events).logged == 1200)
        events = [
            Self.lifecycle(11, .ready), Self.lifecycle(12, .lost(reason: "cut", retryAfter: .seconds(1))),
            Self.lifecycle(13, .retrying(reason: "refused", retryAfter: .seconds(2), isAdvised: false)),
        ]
        let lost = Self.board(events)
        #expect(lost.log.map(\.sentence.text) == ["the connection was lost"])
        #expect(lost.health == .lost(since: Self.at(12), reason: "refused", retryAt: Self.at(15)))
        let back = Self.board(events + [Self.lifecycle(15, .ready)])
        #expect(back.health == .connected)
        #expect(back.log.last?.sentence.text == "the connection is back")
    }

    @Test func `another process that takes over the connection is no news`() {
        let board = Self.board([
            Self.lifecycle(0, .ready), Self.lifecycle(1, .holderEnded(123)), Self.lifecycle(2, .ready),
        ])
        #expect(board.log.isEmpty)
        #expect(board.health == .connected)
    }

    @Test func `updates without content, signals and unknown events are not shown`() {
        let kinds: [PartyEvent.Kind] = [
            .memberUpdated, .partyUpdated, .voiceSignal, .voiceBridge, .messageReceived, .other,
        ]
        let board = Self.board(kinds.map { Self.event(0, $0, [Self.member(Self.friend)]) })
        #expect(board.log.isEmpty)
    }

    @Test func `invitations are pending until they are used, withdrawn, or their party ends`() {
        let invitation = StreamEvent(
            time: Self.at(0), connection: 1,
            content: .party(
                PartyEvent(kind: .invitationReceived, partyID: Self.second, from: Self.member(Self.friend))))
        var board = Self.board(wanted: Self.first, [invitation])
        #expect(board.invitations.map(\.partyID) == [Self.second])
        #expect(board.log.count == 1)
        #expect(board.shown == nil)
        let kept = board
        board.take([Self.event(1, .memberJoined, in: Self.second, [Self.member(Self.me)])], at: Self.at(1))
        #expect(board.invitations.isEmpty)
        for kind in [PartyEvent.Kind.invitationRemoved, .partyDeleted] {
            var board = kept
            board.take([Self.event(1, kind, in: Self.second)], at: Self.at(1))
            #expect(board.invitations.isEmpty)
        }
    }

    @Test func `every byte is a sign of life, a loss is not`() {
        var board = Self.board([Self.lifecycle(0, .ready)])
        board.take([], at: Self.at(7))
        #expect(board.lastByte == Self.at(7))
        board.take([Self.lifecycle(9, .lost(reason: "cut", retryAfter: .zero))], at: Self.at(9))
        #expect(board.lastByte == Self.at(7))
    }
}
