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
        #expect(board.recentEvents.map(\.words.type).suffix(2) == ["member.left", "party.deleted"])
    }

    @Test func `a snapshot adds no event, and the join times of the service decide which party is shown`() {
        let board = Self.board([
            Self.event(9, .partyCreated, in: Self.second, [], [.name("Late")], origin: .snapshot),
            Self.event(9, .memberJoined, in: Self.second, [Self.member(Self.me, joined: 5)], origin: .snapshot),
            Self.event(9, .partyCreated, in: Self.first, [], [.name("Early")], origin: .snapshot),
            Self.event(9, .memberJoined, in: Self.first, [Self.member(Self.me, joined: 2)], origin: .snapshot),
        ])
        #expect(board.shown?.name == "Late")
        #expect(board.recentEvents.isEmpty)
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
        #expect(board.recentEvents.map(\.words.type) == ["member.joined"])
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
        #expect(board.recentEvents.isEmpty)
        var after = before
        after.name = "Saturday"
        board.take(after, for: try #require(board.question), at: Self.at(2))
        #expect(board.shown?.name == "Saturday")
        #expect(board.recentEvents.map(\.words.words) == ["name Saturday (missed, found now)"])
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
        #expect(board.recentEvents.count == 1)
    }

    @Test func `the last ten events are kept, and a loss with its attempts is one`() {
        var events = (0..<12).map { Self.event($0, .memberJoined, [Self.member(Self.friend)]) }
        #expect(Self.board(events).recentEvents.map(\.time) == (2..<12).map(Self.at))
        events.append(Self.lifecycle(12, .lost(reason: "cut", retryAfter: .seconds(1))))
        events.append(Self.lifecycle(13, .retrying(reason: "refused", retryAfter: .seconds(2), isAdvised: false)))
        let lost = Self.board(events)
        #expect(lost.recentEvents.suffix(2).map(\.words.type) == ["member.joined", "stream.lost"])
        #expect(lost.recentEvents.last?.words.words == "refused; trying again in 2.0 s")
        #expect(lost.health == .lost(reason: "refused", retryAt: Self.at(15)))
        let back = Self.board(events + [Self.lifecycle(15, .ready)])
        #expect(back.health == .connected)
        #expect(back.recentEvents.last?.words.type == "stream.ready")
    }

    @Test func `every byte is a sign of life, a loss is not`() {
        var board = Self.board([Self.lifecycle(0, .ready)])
        board.take([], at: Self.at(7))
        #expect(board.lastByte == Self.at(7))
        board.take([Self.lifecycle(9, .lost(reason: "cut", retryAfter: .zero))], at: Self.at(9))
        #expect(board.lastByte == Self.at(7))
    }
}
