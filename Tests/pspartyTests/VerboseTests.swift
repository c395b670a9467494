import ArgumentParser
import PartyCore
import PartySimulator
import PartyTestSupport
import Synchronization
import Testing

@testable import psparty

@Suite(.timeLimit(.minutes(5))) struct VerboseTests {
    @Test func `-v prints each step, its result and its duration`() async {
        let harness = CommandHarness()
        await harness.signIn()
        await harness.world.service.add(
            Fault(match: .init(path: "/api/sessionManager"), action: .delay, delayMilliseconds: 120))
        let result = await harness.run("create", "-v")
        let target = "POST https://simulator.test/api/sessionManager/v2/partySessions"
        #expect(result.stderr == "* create: HTTP 201 after 120 ms (\(target))\n")
        #expect(result.stdout.count == 37)
    }

    @Test func `-v prints refreshes and retries differently`() async {
        let harness = CommandHarness()
        await harness.signIn()
        harness.world.clock.advance(by: .seconds(3600))
        let response = SimulatedResponse(status: 503)
        await harness.world.service.add(Fault(match: .init(path: "bulkGet"), action: .status(response)))
        await harness.world.service.add(Fault(match: .init(path: "partySessions?"), action: .status(response)))
        let lines = await harness.run("-v", "show", "11111111-2222-4333-8444-555555555555").stderr
            .split(separator: "\n").map { $0.prefix { $0 != "(" && $0 != ":" } }
        #expect(lines.prefix(4) == ["* sign-in, refresh", "* look-up", "* look-up", "* look-up"])
    }

    @Test func `-vv prints requests and responses, numbered`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let wire = await harness.run("create", "-vv", "--name", "x\u{1B}[31m").stderr
        #expect(wire.contains("1 > POST https://simulator.test/api/sessionManager/v2/partySessions\n"))
        #expect(wire.contains("1 > Authorization: <redacted>\n"))
        #expect(wire.contains(#"1 > {"v2PartySessions":[{"joinableUserType":"INVITE_ONLY""#))
        #expect(wire.contains("1 < HTTP 201\n"))
        #expect(wire.contains(#"1 < {"v2PartySessions":[{"sessionId":""#))
        #expect(!wire.contains("\u{1B}"))
        // The visible text is still JSON.
        let bidi = await harness.run("create", "-vv", "--name", "x\u{202E}y").stderr
        #expect(bidi.contains(#""sessionName":"x\u202ey""#))
    }

    @Test func `-vv prints the push stream without the token`() async {
        let harness = CommandHarness(clock: ManualClock(isInstant: true), waits: { $0 < .seconds(5) })
        await harness.signIn()
        let frame = Array(#"{"method":3001,"dataType":"x","body":{"data":{"bridgeToken":"t"}}}"#.utf8)
        await harness.world.service.add(
            Fault(match: .init(path: "/np/pushNotification"), action: .onReady([.text(frame)])))
        let wire = await harness.run("listen", "-vv", "--count", "1").stderr
        #expect(wire.contains("* push: HTTP 101 after 0 ms (GET wss://simulator.test/np/pushNotification)\n"))
        #expect(wire.contains(#""status":"active","auth":{"accessToken":"<redacted>"}}"#))
        #expect(wire.contains("2 > ping\n"))
        #expect(wire.contains(#"2 < {"method":3001,"dataType":"x","body":{"data":{"bridgeToken":"<redacted>"}}}"#))
        #expect(wire.contains("2 > close 1000\n"))
    }

    @Test(arguments: [["-v"], ["-q", "-v"], ["-qv"], ["--verbose", "--quiet"], ["-vq", "--json"]])
    func `-v works before and behind the command, grouped or not, and overrides -q`(options: [String]) async {
        let harness = CommandHarness()
        await harness.signIn()
        for words in [options + ["create"], ["create"] + options] {
            let result = await harness.run(words)
            #expect(result.status == 0)
            #expect(result.stderr.hasPrefix("* create: HTTP 201"))
            #expect(!result.stderr.contains(" > "))
        }
    }

    @Test func `-q drops the hint but not the error, and leaves JSON unchanged`() async {
        let harness = CommandHarness()
        #expect(await harness.run("-q", "list").stderr == "psparty: not signed in as profile default\n")
        #expect(await harness.run("-q", "list", "--json").stderr.contains(#""hint":"sign in with"#))
        #expect(await harness.run("list").stderr.contains("hint: "))
    }

    @Test func `after a second a terminal shows progress, which is erased before the result`() async {
        let terminal = TerminalRecorder()
        let clock = ManualClock()
        let sign = ProgressIndicator(terminal.console, clock: clock.partyClock)
        let running = Task { await sign.run() }
        await clock.sleepers(1)
        clock.advance(by: .milliseconds(999))
        #expect(terminal.text == "")
        clock.advance(by: .milliseconds(1))
        await clock.sleepers(1)
        #expect(terminal.text == "\r\u{1B}[K| working")
        sign.console.errorOutput("notice\n")
        #expect(terminal.text == "\r\u{1B}[K| working\r\u{1B}[Knotice\n")
        clock.advance(by: .milliseconds(250))
        await clock.sleepers(1)
        try? sign.console.write("result\n")
        #expect(terminal.text.hasSuffix("notice\n\r\u{1B}[K/ working\r\u{1B}[Kresult\n"))
        clock.advance(by: .seconds(1))
        await running.value
        #expect(terminal.text.hasSuffix("result\n"))
    }

    @Test func `no progress without a terminal, with -q, on a dumb one, with -v, or in listen`() throws {
        let terminal = TerminalRecorder()
        func hasSign(_ words: [String], _ change: (inout CommandEnvironment) -> Void = { _ in }) throws -> Bool {
            let command = try #require(try Psparty.parseAsRoot(words) as? any PartyCommand)
            var environment = CommandEnvironment(
                console: terminal.console, variables: ["TERM": "xterm"], transport: { _ in RefusingTransport() },
                store: { _ in MemoryStore() }, share: { _ in Unshared() },
                spillPolicy: { CommandEnvironment.liveSpillPolicy($0) },
                clock: ManualClock().partyClock, random: .counting(),
                interrupts: { _ in .none() })
            change(&environment)
            return CLI.progressIndicator(for: command, in: environment) != nil
        }
        #expect(try hasSign(["list"]))
        #expect(try !hasSign(["list"]) { $0.console.isErrorTerminal = false })
        #expect(try !hasSign(["list"]) { $0.console.isTerminal = false })
        #expect(try !hasSign(["list"]) { $0.variables["TERM"] = "dumb" })
        #expect(try !hasSign(["list", "-q"]))
        #expect(try !hasSign(["list", "-v"]))
        #expect(try !hasSign(["listen"]))
    }
}

/// A terminal that keeps all its output as one text.
private final class TerminalRecorder: Sendable {
    private let written = Mutex("")

    var text: String { written.withLock { $0 } }

    var console: Console {
        Console(
            output: { (bytes) throws(Console.WriteError) in self.add(String(decoding: bytes, as: UTF8.self)) },
            errorOutput: add, input: { _ in nil }, isTerminal: true, isInputTerminal: true, isErrorTerminal: true)
    }

    private func add(_ text: String) {
        written.withLock { $0 += text }
    }
}
