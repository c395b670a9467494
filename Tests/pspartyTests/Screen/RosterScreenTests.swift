import PartyCore
import PartyTestSupport
import Testing

@testable import psparty

@Suite struct RosterScreenTests {
    private typealias Make = RosterModelTests

    private static func member(_ number: UInt64, name: String? = nil, voice: Bool? = false) -> Member {
        Member(
            accountID: AccountID(1_000_000_000_000_000_000 + number), onlineID: name ?? "psparty-user-\(number)",
            platform: number == 2 ? .ps5 : .mobileApp, joinOrder: Int64(number),
            joinedAt: Make.at(Int64(number) * 60), voice: voice)
    }

    private static func model(_ members: [Member], name: String = "Friday", wanted: PartyID? = nil) -> RosterModel {
        var model = RosterModel(wanted: wanted, me: Make.me)
        var changes: [PartyEvent.Change] = [.name(name), .visibility(.inviteOnly), .maxMembers(16)]
        if let owner = members.first { changes.append(.owner(owner)) }
        model.take([Make.event(0, .partyCreated, [], changes, origin: .snapshot)], at: Make.at(0))
        for member in members {
            model.take([Make.event(0, .memberJoined, [member], origin: .snapshot)], at: Make.at(0))
        }
        model.take([Make.lifecycle(1, .ready)], at: Make.at(1))
        return model
    }

    /// Seconds after the start of the tests' time, so that no time zone matters.
    private static func screen(
        _ model: RosterModel, _ rows: Int, _ columns: Int, now: Int64 = 4, notice: String? = nil
    ) -> RosterScreen {
        var screen = RosterScreen(
            model: model, size: TerminalSize(rows: rows, columns: columns), now: Make.at(now), notice: notice)
        screen.time = { moment, _ in "+\((moment.milliseconds - 1_700_000_000_000) / 1000)" }
        screen.minute = screen.time
        return screen
    }

    private static func text(_ screen: RosterScreen, colour: ColorChoice = .never) -> [String] {
        screen.lines.map { $0.text(Style(true, colour, [:]), columns: screen.size.columns) }
    }

    @Test func `a lost stream says since when, why, and when it is tried again`() {
        var model = Self.model([Self.member(1)])
        let lost = StreamLifecycle.lost(reason: "the connection broke", retryAfter: .milliseconds(4100))
        model.take([Make.lifecycle(5, lost)], at: Make.at(5))
        let early = Self.text(Self.screen(model, 24, 70, now: 5, notice: "psparty: a notice"))
        #expect(early[0].hasPrefix("Friday  ") && early[0].hasSuffix("  ● lost since +5, next try at +9"))
        #expect(early[1] == "the connection broke")
        #expect(early.suffix(2).first == "psparty: a notice")
        #expect(Self.text(Self.screen(model, 24, 70, now: 10))[0].hasSuffix("● lost since +5, trying now"))
    }

    @Test func `without a party the screen says what it waits for`() {
        let waiting = Self.text(Self.screen(RosterModel(wanted: nil, me: Make.me), 24, 80))
        #expect(waiting[0].hasPrefix("Not in a party ") && waiting[0].hasSuffix(" connecting"))
        #expect(waiting[1] == "waiting until you enter a party")
        let gone = Self.text(Self.screen(RosterModel(wanted: Make.first, me: Make.me), 24, 80))
        #expect(gone[0].hasPrefix("No such party "))
    }

    @Test func `a recording is marked as one, while it runs and at its end`() {
        var screen = Self.screen(Self.model([Self.member(1)]), 24, 60)
        for (recording, words) in [(RosterScreen.Recording.running, "recording"), (.over, "end of the recording")] {
            screen.recording = recording
            #expect(Self.text(screen)[0].hasSuffix("  " + words))
        }
    }

    @Test func `no name makes the screen exceed the terminal`() {
        let names = ["漢字漢字漢字漢字漢字漢字", "Fri\u{1B}[31mday\u{202E}\r\n\u{7}", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦", "", String(repeating: "x", count: 300)]
        let members = names.enumerated().map { Self.member(UInt64($0.offset) + 1, name: $0.element, voice: true) }
        var model = Self.model(members, name: names.joined())
        for second in 0..<12 {
            model.take([Make.event(Int64(second), .invitationReceived, in: Make.second)], at: Make.at(0))
            model.take([Make.event(Int64(second), .memberLeft, [Self.member(9, name: names[1])])], at: Make.at(0))
        }
        let views = [nil, RosterScreen.View(), .init(scroll: 3), .init(scroll: 900), .init(showsHelp: true)]
        for (rows, columns, view) in product(
            [1, 2, 3, 5, 8, 9, 10, 12, 24, 100], [1, 2, 7, 10, 20, 40, 80, 200], views)
        {
            do {
                var screen = Self.screen(model, rows, columns, notice: names[1])
                screen.view = view
                let lines = Self.text(screen)
                #expect(screen.logPane.maximumScroll <= model.log.count && screen.logPane.page > 0)
                #expect(lines.count <= rows)
                for line in lines {
                    #expect(line.columns <= columns, "\(rows)x\(columns): \(line)")
                    #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
                }
            }
        }
    }

    @Test func `on a low terminal the roster says how many it leaves out, and the log keeps a place`() {
        var model = Self.model((1...16).map { Self.member($0) })
        for second in 1...30 {
            model.take([Make.event(Int64(second), .memberUpdated, [Self.member(2)], [.voice(true)])], at: Make.at(0))
        }
        let lines = Self.text(Self.screen(model, 14, 80))
        #expect(lines.count == 14)
        #expect(lines.contains { $0.hasPrefix("… and ") })
        #expect(lines.suffix(2).first?.hasPrefix("+30 ") == true)
        // The log takes the height there is.
        let whole = Self.text(Self.screen(model, 40, 80))
        #expect(whole.count == 40)
        #expect(whole.filter { $0.hasPrefix("○ psparty-user-") || $0.hasPrefix("● psparty-user-") }.count == 16)
        #expect(whole.filter { $0.hasPrefix("+") }.count == 40 - 3 - 16 - 2 - 1)
    }

    @Test func `the log scrolls to its oldest entry and no further`() {
        var model = Self.model([Self.member(1)])
        for second in 1...50 {
            model.take([Make.event(Int64(second), .memberLeft, [Self.member(2)])], at: Make.at(0))
        }
        var screen = Self.screen(model, 24, 80)
        let rows = screen.logPane.rows
        #expect(screen.logPane.maximumScroll == 50 - rows)
        screen.view?.scroll = 1000
        let lines = Self.text(screen).filter { $0.hasPrefix("+") }
        #expect(lines.count == rows)
        #expect(lines.first?.hasPrefix("+1 ") == true)
    }

    @Test func `colours mark states, and without colour no sequence is written`() {
        let model = Self.model([Self.member(1, voice: true)])
        let coloured = Self.text(Self.screen(model, 24, 80), colour: .always)
        #expect(coloured[0].contains("\u{1B}[32m● connected\u{1B}[0m"))
        #expect(coloured[3].contains("\u{1B}[1mpsparty-user-1\u{1B}[0m"))
        #expect(coloured[3].contains("\u{1B}[32mvoice on\u{1B}[0m"))
        #expect(!Self.text(Self.screen(model, 24, 80)).joined().contains("\u{1B}"))
    }

    @Test func `only changed lines are written, after a resize all of them`() {
        var painter = ScreenPainter()
        var terminal = VirtualScreen(rows: 4, columns: 10)
        let size = TerminalSize(rows: 4, columns: 10)
        terminal.write(Array(ScreenPainter.opening.utf8))
        terminal.write(Array(painter.paint(["one", "two", "three"], size).utf8))
        #expect(terminal.lines == ["one", "two", "three", ""])
        #expect(painter.paint(["one", "two", "three"], size) == "")
        let second = painter.paint(["one", "2"], size)
        #expect(second == "\u{1B}[2;1H\u{1B}[2K2\u{1B}[3;1H\u{1B}[2K")
        terminal.write(Array(second.utf8))
        #expect(terminal.lines == ["one", "2", "", ""])
        let larger = painter.paint(["one", "2"], TerminalSize(rows: 5, columns: 10))
        #expect(larger == "\u{1B}[2J\u{1B}[1;1H\u{1B}[2Kone\u{1B}[2;1H\u{1B}[2K2")
        #expect(terminal.isAlternate && !terminal.isCursorVisible && !terminal.breaksLines)
        terminal.write(Array(ScreenPainter.closing.utf8))
        #expect(!terminal.isAlternate && terminal.isCursorVisible && terminal.breaksLines)
        #expect(terminal.unknown.isEmpty)
    }
}

private func product<A, B, C>(_ first: [A], _ second: [B], _ third: [C]) -> [(A, B, C)] {
    first.flatMap { a in second.flatMap { b in third.map { (a, b, $0) } } }
}
