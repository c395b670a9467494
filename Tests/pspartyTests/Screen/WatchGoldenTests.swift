import PartyCore
import Testing

@testable import psparty

/// The live screen in each situation and size, as people see it: read the goldens when you change the layout.
@Suite struct WatchGoldenTests {
    typealias Make = RosterModelTests

    private static let sizes = [(24, 40), (24, 80), (24, 200), (10, 40), (10, 80), (60, 80), (6, 30)]

    /// 20:00:00 on the tests' day, so that times look like times.
    private static func at(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_699_992_000_000 + seconds * 1000)
    }

    private static func member(
        _ number: Int, _ name: String? = nil, voice: Bool? = true, joined: Int64? = nil
    ) -> Member {
        let names = ["ann", "bob", "carol", "dave"]
        let platforms: [Platform] = [.mobileApp, .ps5, .ps4]
        return Member(
            accountID: AccountID(1_000_000_000_000_000_000 + UInt64(number)),
            onlineID: name ?? (number <= names.count ? names[number - 1] : "psparty-user-\(number)"),
            platform: platforms[number % 3], joinOrder: Int64(number), joinedAt: at(joined ?? Int64(number) * 130),
            voice: voice)
    }

    private static func event(
        _ second: Int64, _ kind: PartyEvent.Kind, in party: PartyID = Make.first, from: Member? = nil,
        _ members: [Member] = [], _ changes: [PartyEvent.Change] = [], origin: StreamEvent.Origin = .frame
    ) -> StreamEvent {
        let event = PartyEvent(kind: kind, partyID: party, from: from, members: members, changes: changes)
        return StreamEvent(time: at(second), connection: 1, content: .party(event), origin: origin)
    }

    private static func lifecycle(_ second: Int64, _ lifecycle: StreamLifecycle) -> StreamEvent {
        StreamEvent(time: at(second), connection: 1, content: .lifecycle(lifecycle))
    }

    private static func party(_ name: String, _ members: [Member], then events: [StreamEvent] = []) -> [StreamEvent] {
        let settings: [PartyEvent.Change] = [
            .name(name), .visibility(.inviteOnly), .maxMembers(16), .owner(members[0]),
        ]
        let start = event(0, .partyCreated, [], settings, origin: .snapshot)
        let roster = members.map { event(0, .memberJoined, [$0], origin: .snapshot) }
        return [start] + roster + [lifecycle(1, .ready)] + events
    }

    private static func comings(_ members: [Member]) -> [StreamEvent] {
        members.enumerated().flatMap { index, member in
            let second = Int64(index) * 130 + 130
            return [
                event(second, .memberJoined, [member]),
                event(second + 9, .memberUpdated, [member], [.voice(member.voice ?? false)]),
                event(second + 10, .memberUpdated, [member]),
            ]
        }
    }

    private static func invitation(_ second: Int64, _ number: Int, _ name: String) -> StreamEvent {
        event(
            second, .invitationReceived, in: PartyID("\(number)2345678-2222-4333-8444-555555555555"),
            from: member(number), [], [.name(name)])
    }

    private static let hostile = [
        "\u{1B}[31mred\u{7}", "evil\u{202E}live", "two\r\nlines", String(repeating: "x", count: 300), "漢字かな交じり文の長い名前です",
        "👩‍👩‍👧‍👦🎮🔥 family", "مرحبا", "",
    ]

    private static let situations: [(String, [StreamEvent])] = [
        ("waiting", [lifecycle(1, .ready)]),
        ("one", party("Friday night", [member(1)])),
        ("four", party("Friday night", [member(1), member(2)], then: comings([member(3), member(4, voice: false)]))),
        (
            "sixteen",
            party(
                "Friday night", (1...9).map { member($0) },
                then: comings((10...16).map { member($0, voice: $0 % 2 == 0) }))
        ),
        (
            "names",
            party(
                "深夜の集まり 🎉 with a name that is longer than some screens are wide",
                [member(1), member(2, "漢字かな交じり文の長い名前"), member(3, "sixteen-letters1"), member(4, "🎮gamer🎮")],
                then: [
                    event(
                        400, .partyUpdated, from: member(2), [],
                        [.name("深夜の集まり 🎉 with a name that is longer than some screens are wide")])
                ])
        ),
        (
            "hostile",
            party(
                hostile.joined(), [member(1)] + hostile.enumerated().map { member($0.offset + 2, $0.element) },
                then: hostile.enumerated().map { event(500, .memberLeft, [member($0.offset + 20, $0.element)]) })
        ),
        (
            "lost",
            party(
                "Friday night", [member(1), member(2)],
                then: [
                    lifecycle(600, .lost(reason: "the connection broke", retryAfter: .zero)),
                    lifecycle(
                        601,
                        .retrying(
                            reason: "push look-up failed: no address for the host", retryAfter: .seconds(40),
                            isAdvised: false)),
                ])
        ),
        (
            "invitations",
            party(
                "Friday night", [member(1), member(2)], then: [invitation(300, 3, "Late show"), invitation(400, 4, "")])
        ),
    ]

    private static func model(_ events: [StreamEvent]) -> RosterModel {
        var model = RosterModel(
            wanted: nil, me: member(1).accountID, invocation: Invocation(profile: nil, server: nil))
        for event in events { model.take([event], at: event.time) }
        return model
    }

    private static func screen(_ model: RosterModel, _ rows: Int, _ columns: Int) -> RosterScreen {
        var screen = RosterScreen(model: model, size: TerminalSize(rows: rows, columns: columns), now: at(610))
        screen.time = { moment, _ in String(moment.description.dropFirst(11).prefix(8)) }
        screen.minute = { moment, _ in String(moment.description.dropFirst(11).prefix(5)) }
        return screen
    }

    /// The screen in a frame, so that its edges can be seen.
    private static func framed(_ screen: RosterScreen) -> String {
        let (rows, columns) = (screen.size.rows, screen.size.columns)
        let rule = String(repeating: "─", count: columns)
        let lines = screen.lines.map { $0.text(Style(true, .never, [:]), columns: columns) }
        #expect(lines.count <= rows)
        for line in lines { #expect(line.columns <= columns) }
        let body = lines.map { "│\($0.padded(toColumns: columns))│" }
        return (["\(columns)x\(rows)", "┌\(rule)┐"] + body + ["└\(rule)┘", ""]).joined(separator: "\n")
    }

    @Test(arguments: situations.map(\.0)) func `each situation`(name: String) throws {
        let events = try #require(Self.situations.first { $0.0 == name }?.1)
        let model = Self.model(events)
        let screens = Self.sizes.map { Self.framed(Self.screen(model, $0.0, $0.1)) }
        expectGolden(screens.joined(separator: "\n"), "watch/\(name).txt")
    }

    @Test func `help, a log that is scrolled back, a notice, a recording, no keyboard`() throws {
        let model = Self.model(try #require(Self.situations.first { $0.0 == "sixteen" }?.1))
        var (help, scrolled, recorded) = (
            Self.screen(model, 24, 80), Self.screen(model, 40, 80), Self.screen(model, 24, 80)
        )
        help.view?.showsHelp = true
        scrolled.view?.scroll = 5
        scrolled.notice =
            "psparty: a notice that is longer than the screen is wide, so that it has to be wrapped as well"
        recorded.view = nil
        recorded.recording = .over
        let screens = [help, scrolled, recorded].map(Self.framed)
        expectGolden(screens.joined(separator: "\n"), "watch/views.txt")
    }
}
