import ArgumentParser
import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// `listen --exec`: real programs, a simulated service.
@Suite(.timeLimit(.minutes(5))) struct ExecTests {
    private let scratch: ScratchFolder
    private let harness: CommandHarness

    init() async throws {
        scratch = try ScratchFolder()
        harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
    }

    private func program(_ text: String) throws -> String {
        try scratch.write("#!/bin/sh\n" + text, to: "program")
        try scratch.setMode("program", to: 0o755)
        return scratch("program")
    }

    private var written: String { (try? String(contentsOfFile: scratch("out"), encoding: .utf8)) ?? "" }

    /// A program that hangs gets a moment to exit, and another one after SIGTERM.
    private func passGraces() async {
        for grace in [200, 150] {
            await harness.world.clock.sleeper(dueIn: .milliseconds(grace))
            harness.world.clock.advance(by: .milliseconds(grace))
        }
    }

    /// Creates a party while `listen` runs.
    private func listen(_ options: String..., interrupts: Interrupts = .none()) async throws -> CommandResult {
        let ann = try await harness.world.signedIn(0)
        let variables = ["OUT": scratch("out"), "PATH": "/usr/bin:/bin"]
        async let result = harness.run(
            ["listen", "--timeout", "1h"] + options, variables: variables, interrupts: interrupts)
        await harness.world.clock.sleepers(2)
        await harness.world.pushIsReady(for: 0)
        _ = try await ann.create(NewParty())
        return await result
    }

    @Test func `the program gets each printed event in order, and its output stays apart from ours`() async throws {
        let text = #"""
            echo "from the program"
            echo "$PSPARTY_EVENT_TYPE $PSPARTY_EVENT_PARTY $PSPARTY_EVENT_FROM" >>"$OUT"
            cat >>"$OUT"
            """#
        let result = try await listen("--exec", try program(text), "--count", "2")
        #expect(result.status == 0)
        #expect(result.stderr.isEmpty)
        let events = result.stdout.split(separator: "\n").map { String($0) }
        try #require(events.count == 2)
        let party = try #require(events[0].split(separator: "\"partyId\":\"").last?.prefix { $0 != "\"" })
        let heads = ["member.joined", "party.created"].map { "\($0) \(party) 1000000000000000001" }
        #expect(written == "\(heads[0])\n\(events[0])\n\(heads[1])\n\(events[1])\n")
    }

    @Test func `the program gets JSON in every format, and only printed events`() async throws {
        let result = try await listen(
            "--exec", try program(#"cat >>"$OUT""#), "--raw", "--type", "party.*", "--count", "1")
        #expect(result.stdout.hasPrefix(#"{"version":"#))
        #expect(written.hasPrefix(#"{"seq":1,"#))
        #expect(written.contains(#""type":"party.created""#))
        #expect(written.split(separator: "\n").count == 1)
    }

    @Test func `failures of the program are reported and counted, and end nothing`() async throws {
        let text = #"[ "$PSPARTY_EVENT_TYPE" = party.created ] || exit 3"#
        let name = try program(text)
        let result = try await listen("--exec", name, "--count", "2")
        #expect(result.status == 0)
        #expect(
            result.stderr
                == "psparty: \(name) failed with exit status 3 on event 1\npsparty: \(name) failed for 1 of 2 events\n")
    }

    @Test func `the program gets the settings, also those of options, and no secrets`() async throws {
        let secrets = ["PSPARTY_NPSSO": String(repeating: "N", count: 64), "PSPARTY_CLIENT_SECRET": "client-secret"]
        let settings = [
            "PSPARTY_PROFILE": "bob", "PSPARTY_CA_FILE": "/ca.pem", "HTTPS_PROXY": "http://u:p@192.0.2.1:1",
            "PSPARTY_CONFIG_HOME": scratch("config"), "PSPARTY_STATE_HOME": scratch("state"),
        ]
        let configuration = try Configuration(
            options: try GlobalOptions.parse([
                "--profile", "default", "--server", "https://127.0.0.1:1", "--ca-file", "other.pem",
            ]), variables: settings.merging(secrets) { $1 }.merging(["PSPARTY_ACCESS_TOKEN": "x"]) { $1 })
        var expected = settings
        expected["PSPARTY_PROFILE"] = "default"
        expected["PSPARTY_SERVER"] = "https://127.0.0.1:1"
        expected["PSPARTY_CA_FILE"] = FileManager.default.currentDirectoryPath + "/other.pem"
        #expect(configuration.childVariables == expected)
        let plain = try Configuration(options: try GlobalOptions.parse([]), variables: settings)
        #expect(plain.childVariables == settings)
    }

    @Test func `an event cannot set variables of the program's environment`() async throws {
        let data = #"{"sessionId":"x\nPSPARTY_PROFILE=evil\u0000tail"}"#
        let type = "psn:sessionManager:sys:v2:partySession:created"
        let time = "2027-01-01T00:00:00.000Z"
        let frame = #"{"version":"2.1","method":3001,"dataType":"\#(type)","body":{"data":\#(data)}}"#
        let head = #"{"recording":{"version":1,"accountId":"1000000000000000001","startedAt":"\#(time)"}}"#
        try scratch.write(
            head + "\n" + #"{"time":"\#(time)","connection":1,"frame":\#(frame)}"# + "\n", to: "recording")
        let name = try program(#"env >"$OUT""#)
        let result = await harness.run(
            "replay", scratch("recording"), "--speed", "max", "--exec", name,
            variables: [
                "OUT": scratch("out"), "PATH": "/usr/bin:/bin", "PSPARTY_NPSSO": String(repeating: "N", count: 64),
            ])
        #expect(result.status == 0, "\(result.stderr)")
        let lines = written.split(separator: "\n").map(String.init)
        #expect(lines.contains(#"PSPARTY_EVENT_PARTY=x\u{a}PSPARTY_PROFILE=evil\u{0}tail"#), "\(written)")
        #expect(!lines.contains { $0.hasPrefix("PSPARTY_PROFILE") || $0.hasPrefix("PSPARTY_NPSSO") })
        #expect(!lines.contains { $0.hasPrefix("PSPARTY_CLIENT_SECRET") })
        #expect(lines.contains { $0.hasPrefix("PSPARTY_SERVER=") })
    }

    @Test func `a missing program is reported before the stream opens`() async {
        let result = await harness.run("listen", "--exec", "./no-such-program")
        #expect(result.status == 3)
        #expect(result.stderr == "psparty: there is no executable program ./no-such-program\n")
    }

    @Test func `a program that hangs is killed when the stream ends`() async throws {
        let (signals, post) = AsyncStream<Int32>.makeStream()
        let interrupts = Interrupts(signals: signals, stop: { post.finish() })
        let name = try program(#"echo "$PSPARTY_EVENT_TYPE" >>"$OUT"; exec sleep 600"#)
        async let result = listen("--exec", name, interrupts: interrupts)
        try await eventually(.seconds(60), "the program") { [self] in
            written == "member.joined\n" && harness.printed.split(separator: "\n").count == 2
        }
        post.yield(SIGINT)
        await passGraces()
        let end = try await result
        #expect(end.status == 130)
        #expect(end.stderr == "psparty: \(name) was ended; 2 events were not processed\n")
        #expect(written == "member.joined\n")
    }

    @Test func `the time limit applies even while the program processes the last event`() async throws {
        let name = try program(#"echo "$PSPARTY_EVENT_TYPE" >>"$OUT"; exec sleep 600"#)
        async let result = listen("--exec", name, "--count", "1")
        try await eventually(.seconds(60), "the program") { [self] in written == "member.joined\n" }
        let clock = harness.world.clock
        await clock.sleeper(dueIn: .seconds(3600))
        clock.advance(by: .seconds(3600))
        await passGraces()
        let end = try await result
        #expect(end.status == 0)
        #expect(end.stderr == "psparty: \(name) was ended; 1 event was not processed\n")
    }
}
