import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite(.timeLimit(.minutes(5))) struct WatchCommandTests {
    /// A run of `watch` on the test's terminal.
    private struct Stage: Sendable {
        let harness: CommandHarness
        let terminal: TerminalDouble
        let ann: PartyClient
        let bob: PartyClient
        private let post: AsyncStream<Int32>.Continuation
        private let interrupts: Interrupts

        init(_ scenario: Scenario = Scenario()) async throws {
            harness = CommandHarness(scenario, clock: ManualClock())
            await harness.signIn(0)
            terminal = TerminalDouble()
            harness.use(terminal)
            ann = try await harness.world.signedIn(0)
            bob = try await harness.world.signedIn(1)
            let (signals, post) = AsyncStream<Int32>.makeStream()
            self.post = post
            interrupts = Interrupts(signals: signals, stop: { post.finish() })
        }

        func watch(_ words: [String] = [], _ body: @escaping @Sendable () async throws -> Void) async throws
            -> CommandResult
        {
            async let result = harness.run(["watch"] + words, variables: ["NO_COLOR": "1"], interrupts: interrupts)
            do { try await body() } catch {
                terminal.takeAll()
                post.yield(2)
                throw DeadlinePassed(description: "\(error)\n\(await result.stderr)")
            }
            return await result
        }

        func interrupt() { post.yield(2) }

        /// Advances the clock until the terminal shows the text.
        func shows(_ what: String, _ isSo: @escaping @Sendable ([String]) -> Bool) async throws {
            do {
                try await eventually(.seconds(60), what) { [terminal, clock = harness.world.clock] in
                    if isSo(terminal.lines) { return true }
                    // On a busy machine each step of this clock takes longer in real time.
                    for _ in 0..<50 { await Task.yield() }
                    clock.advance(by: .milliseconds(100))
                    return isSo(terminal.lines)
                }
            } catch {
                throw DeadlinePassed(description: "\(error), but:\n" + terminal.lines.joined(separator: "\n"))
            }
        }

        func shows(_ words: String) async throws {
            try await shows(words) { lines in lines.contains { $0.contains(words) } }
        }

        /// Advances the clock by that time, in small steps.
        func pass(_ seconds: Int) async throws {
            for _ in 0..<seconds {
                harness.world.clock.advance(by: .seconds(1))
                for _ in 0..<20 { await Task.yield() }
            }
        }
    }

    @Test func `it waits for a party, shows joins and departures, and restores the terminal`() async throws {
        let stage = try await Stage()
        let result = try await stage.watch {
            try await stage.shows("connected")
            #expect(stage.terminal.lines[0].hasPrefix("Not in a party "))
            var settings = NewParty()
            settings.name = "Fri\u{1B}[31mday"
            let id = try await stage.ann.create(settings)
            try await stage.shows("  owner, you")
            _ = try await stage.bob.join(.id(id), voice: true)
            try await stage.shows("a second member whose voice is on") { lines in
                lines.contains { $0.hasPrefix("● psparty-user-b  mobile") && $0.contains("  voice on") }
            }
            // The event has only the id of the party; a look-up gave the rest.
            #expect(stage.terminal.lines[0].hasPrefix("Fri\\u{1b}[31mday "))
            #expect(stage.terminal.lines[1].hasPrefix("2 of 16 members · invite-only · since "))
            try await stage.shows("psparty-user-b joined")
            #expect(stage.terminal.isTaken)
            _ = try await stage.bob.leave(id)
            try await stage.shows("1 of 16 members")
            _ = try await stage.ann.leave(id)
            try await stage.shows("Not in a party")
            stage.interrupt()
        }
        #expect(result.status == 130)
        #expect(result.stderr.isEmpty)
        #expect(stage.terminal.isAsBefore)
    }

    @Test func `an existing party is shown at once, and a resized terminal is redrawn`() async throws {
        let stage = try await Stage()
        _ = await stage.harness.run("create", "--name", "Friday")
        let result = try await stage.watch {
            try await stage.shows("Friday")
            #expect(stage.terminal.lines.allSatisfy { !$0.contains("started") })
            stage.terminal.resize(rows: 9, columns: 30)
            try await stage.shows("the narrow form") { $0.count == 9 && $0[3].hasPrefix("  mobile, since ") }
            stage.terminal.resize(rows: 30, columns: 100)
            try await stage.shows("the wide form") { $0.count == 30 && $0[3].hasSuffix("  voice off  owner, you") }
            stage.interrupt()
        }
        #expect(result.status == 130)
    }

    @Test func `after a hundred changes at once the screen shows the last one`() async throws {
        let stage = try await Stage()
        _ = await stage.harness.run("create")
        let result = try await stage.watch {
            try await stage.shows("connected")
            let id = try #require(try await stage.ann.parties().first?.id)
            let before = stage.terminal.writes
            for number in 1...100 { _ = try await stage.ann.edit(id, .name("name \(number)")) }
            #expect(stage.terminal.writes - before <= 1)
            try await stage.shows("name 100")
            stage.interrupt()
        }
        #expect(result.status == 130)
    }

    @Test func `a terminal that does not read delays no other process`() async throws {
        let stage = try await Stage()
        let result = try await stage.watch {
            try await stage.shows("connected")
            stage.terminal.takeNothing()
            let id = try await stage.ann.create(NewParty())
            // Pings go out and are answered for two minutes: the stream is not lost.
            try await stage.pass(120)
            _ = try await stage.bob.join(.id(id), voice: false)
            stage.terminal.takeAll()
            try await stage.shows("psparty-user-b  mobile")
            #expect(stage.terminal.lines.allSatisfy { !$0.contains("the connection was lost") })
            stage.interrupt()
        }
        #expect(result.status == 130)
        #expect(stage.terminal.isAsBefore)
    }

    @Test func `a lost stream counts down, and changes during the outage are shown`() async throws {
        let stage = try await Stage()
        _ = await stage.harness.run("create")
        let result = try await stage.watch {
            try await stage.shows("connected")
            let id = try #require(try await stage.ann.parties().first?.id)
            let service = stage.harness.world.service
            // The first try, which is at once, fails.
            await service.add(Fault(match: .init(path: "/np/pushNotification"), action: .reset))
            _ = await service.push(.cut, to: "A")
            try await stage.shows(", next try at ")
            _ = try await stage.bob.join(.id(id), voice: false)
            try await stage.shows("psparty-user-b joined (noticed late)")
            try await stage.shows("the connection is back")
            #expect(stage.terminal.lines[0].hasSuffix("● connected"))
            stage.interrupt()
        }
        #expect(result.status == 130)
        #expect(result.stderr.isEmpty)
    }

    @Test func `a party that we are not in is looked up at intervals`() async throws {
        let stage = try await Stage()
        var settings = NewParty()
        settings.visibility = .friends
        settings.joinableBy = .friends
        let id = try await stage.bob.create(settings)
        let result = try await stage.watch([id.text]) {
            try await stage.shows("you are not in it")
            _ = try await stage.bob.edit(id, .name("Saturday"))
            try await stage.shows("the party is now called \"Saturday\"")
            #expect(stage.harness.world.clock.uptime >= .seconds(10))
            _ = try await stage.bob.leave(id)
            try await stage.shows("No such party")
            stage.interrupt()
        }
        #expect(result.status == 130)
    }

    @Test func `the terminal is restored before a failure is printed`() async throws {
        let stage = try await Stage()
        let unknown = await stage.harness.run("watch", "99999999-2222-4333-8444-555555555555")
        #expect(unknown.status == 3)
        #expect(stage.terminal.writes == 0)
        let refusal = Fault(
            match: .init(path: "/np/pushNotification", times: nil), action: .status(SimulatedResponse(status: 401)))
        await stage.harness.world.service.add(refusal)
        let refused = await stage.harness.run("watch")
        #expect(refused.status == 4)
        #expect(refused.stderr.hasPrefix("psparty: "))
        #expect(stage.terminal.isAsBefore)
    }

    @Test func `notices are shown in the last rows and printed again at the end`() async throws {
        let stage = try await Stage()
        _ = await stage.harness.run("create")
        let service = stage.harness.world.service
        let result = try await stage.watch(["-v"]) {
            try await stage.shows("connected")
            #expect(stage.terminal.lines.suffix(2).allSatisfy { !$0.isEmpty })
            stage.interrupt()
        }
        #expect(result.stderr.contains("push"))
        #expect(await service.requests().isEmpty == false)
    }

    @Test func `q quits, arrows scroll the log and keep it in place, ? shows the keys`() async throws {
        let stage = try await Stage()
        _ = await stage.harness.run("create", "--name", "Friday")
        let result = try await stage.watch {
            try await stage.shows("connected")
            let id = try #require(try await stage.ann.parties().first?.id)
            for number in 1...30 { _ = try await stage.ann.edit(id, .name("name \(number)")) }
            try await stage.shows("called \"name 30\"")
            stage.terminal.press(.help)
            try await stage.shows("scroll the log by a page")
            stage.terminal.press(.escape)
            try await stage.shows("? help")
            for _ in 1...3 { stage.terminal.press(.up) }
            try await stage.shows("3 newer below")
            _ = try await stage.ann.edit(id, .name("name 31"))
            try await stage.shows("4 newer below")
            #expect(stage.terminal.lines.contains { $0.contains("called \"name 27\"") })
            #expect(!stage.terminal.lines.contains { $0.contains("called \"name 28\"") })
            stage.terminal.press(.first)
            try await stage.shows("called \"name 1\"")
            stage.terminal.press(.last)
            try await stage.shows("called \"name 31\"")
            stage.terminal.press(.quit)
            try await stage.shows("the terminal as before") { [terminal = stage.terminal] _ in !terminal.isTaken }
        }
        #expect(result.status == 0)
        #expect(result.stderr.isEmpty)
        #expect(stage.terminal.isAsBefore)
    }

    @Test func `a pending invitation is shown with the command that accepts it`() async throws {
        let stage = try await Stage()
        let result = try await stage.watch(["--profile", "default"]) {
            try await stage.shows("connected")
            var settings = NewParty()
            settings.name = "Late show"
            let id = try await stage.bob.create(settings)
            try await stage.bob.invite(try await stage.ann.accessToken().accountID, to: id)
            try await stage.shows("psparty-user-b invites you to \"Late show\"  psparty join --from psparty-user-b")
            _ = try await stage.ann.join(.id(id), voice: false)
            try await stage.shows("the party without the invitation") { lines in
                lines[0].hasPrefix("Late show") && !lines.contains { $0.contains("  psparty join") }
            }
            stage.interrupt()
        }
        #expect(result.status == 130)
    }

    @Test func `the time limit ends it with status 0`() async throws {
        let stage = try await Stage()
        let result = try await stage.watch(["--timeout", "60s"]) {
            try await stage.shows("connected")
            try await stage.pass(60)
        }
        #expect(result == CommandResult(stdout: result.stdout, stderr: "", status: 0))
        #expect(stage.terminal.isAsBefore)
    }

    @Test(arguments: [(["--json"], "xterm"), ([], "dumb")])
    func `with --json or on a dumb terminal it prints events like listen`(
        options: [String], terminal: String
    ) async throws {
        let stage = try await Stage()
        _ = await stage.harness.run("create", "--name", "Friday")
        async let result = stage.harness.run(
            ["watch", "--timeout", "1h"] + options, variables: ["NO_COLOR": "1", "TERM": terminal])
        await stage.harness.world.pushIsReady(for: 0)
        try await eventually(.seconds(60), "the party") {
            ["member.joined", "in the party"].contains(where: stage.harness.printed.contains)
        }
        stage.harness.world.clock.advance(by: .seconds(3600))
        let listed = await result
        #expect(listed.status == 0)
        #expect(listed.stdout.contains("Friday"))
        #expect(listed.stdout.hasPrefix("{\"seq\":1,") == (terminal == "xterm"))
        #expect(!listed.stdout.contains("\u{1B}"))
    }
}
