import ArgumentParser
import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// An independent validator checks the JSON of every command against docs/schema.
@Suite(.timeLimit(.minutes(5))) struct SchemaTests {
    struct Document {
        let schema: String
        let text: String
    }

    /// Commands whose output is not ours to describe.
    private static let undescribed: Set<String> = ["api"]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/schema").standardized

    @Test func `every command that prints JSON has a schema and conforms to it`() async throws {
        let documents = try await Self.documents()
        let described = Set(documents.map(\.schema))
        let commands = Set(Self.leaves(of: Psparty.self, path: []))
        #expect(commands.subtracting(Self.undescribed).subtracting(described) == [])
        #expect(try Self.complaints(documents) == "")
    }

    @Test func `the validator finds errors`() throws {
        let party = #"{"id":"x","name":null}"#
        #expect(try Self.complaints([Document(schema: "show", text: party)]).contains("required property"))
        let surplus = #"{"profile":"x","extra":1}"#
        #expect(try Self.complaints([Document(schema: "logout", text: surplus)]).contains("extra"))
    }

    @Test func `every failure conforms to the schema of errors`() throws {
        // A command that was told to stop prints no error.
        let documents = PartyError.Kind.allCases.filter { $0 != .cancelled }.map { kind in
            let error = PartyError(kind, "a \"b\"", step: "s", status: 400, requestID: "r", hint: "h")
            return Document(schema: "error", text: String(decoding: Failure(error).json, as: UTF8.self))
        }
        let usage = Document(schema: "error", text: String(decoding: Failure.usage("Error: x").json, as: UTF8.self))
        #expect(try Self.complaints(documents + [usage]) == "")
    }

    private static func leaves(of command: any ParsableCommand.Type, path: [String]) -> [String] {
        let subcommands = command.configuration.subcommands
        guard !subcommands.isEmpty else { return [path.joined(separator: "-")] }
        return subcommands.flatMap { leaves(of: $0, path: path + [$0._commandName]) }
    }

    /// One run of each command, in an order that gives each some output.
    private static func documents() async throws -> [Document] {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        var documents: [Document] = []
        func run(_ words: String..., input: [String] = []) async {
            let result = await harness.run(words + ["--json"], input: input)
            #expect(result.status == 0, "\(words)")
            let groups = ["config", "voice", "signal"]
            let name = groups.contains(words[0]) ? words[...1].joined(separator: "-") : words[0]
            documents.append(Document(schema: name, text: result.stdout))
        }
        await run("login", "--npsso", "-", input: [harness.world.service.accounts[0].npsso])
        await harness.signIn(1, profile: "bob")
        for command in ["whoami", "token", "friends", "create", "list", "show", "link"] { await run(command) }
        await run("edit", "--name", "x", "--visibility", "friends")
        await run("invite", "psparty-user-b")
        await run("invitations", "--profile", "bob")
        await run("join", "--from", "psparty-user-a", "--profile", "bob")
        for command in ["status", "offer", "status"] { await run("voice", command) }
        await run("voice", "answer", "--sdp", "-", input: ["v=0"])
        await run("voice", "signal", "--to", "psparty-user-b", "--type", "offer", "--sdp", "-", input: ["v=0"])
        for command in ["status", "stop"] { await run("voice", command) }
        let payload =
            "ver=1.0, type=text, body="
            + #"{"from":{"account_id":"1","platform":5},"to":{"account_id":"2","platform":5},"type":"x"}"#
        try Data(payload.utf8).write(to: URL(filePath: folder("payload")))
        await run("signal", "decode", input: [payload])
        await run("signal", "encode", input: [documents[documents.count - 1].text.replacing("\n", with: "")])
        await run("signal", "diff", folder("payload"), "-", input: [payload])
        await run("leave")
        await run("logout")
        await run("config", "set", "user-agent", "x")
        for words in ["list", "path"] { await run("config", words) }
        for words in ["get", "unset"] { await run("config", words, "user-agent") }
        await run("completions", "bash")
        for topic in ["create", "config", "listen", "exit-codes"] { await run("help", topic) }
        return documents + (await diagnosed()) + (try await followed()) + (try await streamed()) + (try await cut())
            + (try await watched()) + (try await signalled())
    }

    /// Lines of each grade: not signed in, and signed in.
    private static func diagnosed() async -> [Document] {
        // The deadlines of the checks never come.
        let harness = CommandHarness(clock: ManualClock())
        let failed = await harness.run("doctor", "--json")
        #expect(failed.status == 4)
        await harness.signIn()
        let sound = await harness.run("doctor", "--json")
        #expect(sound.status == 0, "\(sound.stdout)")
        return [failed, sound].map { Document(schema: "doctor", text: $0.stdout) }
    }

    /// A stream with every type of event that has a frame, and the stream's own events.
    private static func streamed() async throws -> [Document] {
        let harness = CommandHarness(clock: ManualClock())
        let scratch = try ScratchFolder()
        let file = scratch("recording.gz")
        await harness.signIn(0)
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../PartyCoreTests/Fixtures/frames.ndjson")
        let frames = try String(contentsOf: fixtures, encoding: .utf8).split(separator: "\n")
        let count = frames.count + 4
        async let result = harness.run(
            "listen", "--lifecycle", "--count", "\(count)", "--timeout", "1h", "--record", file)
        await harness.world.clock.sleepers(2)
        await harness.world.pushIsReady(for: 0)
        for frame in frames {
            let sample = try #require(try JSONSerialization.jsonObject(with: Data(frame.utf8)) as? [String: Any])
            let bytes = try JSONSerialization.data(withJSONObject: try #require(sample["frame"]))
            _ = await harness.world.service.push(.text(Array(bytes)), to: "A")
        }
        _ = await harness.world.service.push(.text(Array("{".utf8)), to: "A")
        _ = await harness.world.service.push(.cut, to: "A")
        let lines = await result.stdout.split(separator: "\n")
        #expect(lines.count == count)
        let replayed = await harness.run("replay", file, "--speed", "max", "--lifecycle", "--snapshot")
        let redacted = await harness.run("redact", file)
        return lines.map { Document(schema: "listen", text: String($0)) }
            + replayed.stdout.split(separator: "\n").map { Document(schema: "replay", text: String($0)) }
            + redacted.stdout.split(separator: "\n").map { Document(schema: "redact", text: String($0)) }
    }

    /// A stream whose loss removes us from a party: printed, recorded, and replayed.
    private static func cut() async throws -> [Document] {
        var scenario = Scenario()
        scenario.membershipOnReconnect = .dropped
        let row = FaultRow(fault: "cut", scenario: scenario, outcome: .reconnects) { stage in
            await stage.service.push(.cut, to: "A")
        }
        let stage = try await FaultStage(row)
        let scratch = try ScratchFolder()
        let file = scratch("recording")
        let party = await stage.harness.run("create").stdout.trimmingCharacters(in: .newlines)
        let command = stage.start("--record", file)
        try await stage.isWhole()
        // Waits for the first comparison, which finds the party.
        await stage.sleeper(dueIn: .seconds(600))
        await stage.service.push(.text(Array("{".utf8)), to: "A")
        try await stage.sees("frame.invalid")
        try await row.strike(stage)
        try await stage.sees(#""rejoined":["\#(party)"]},"synthetic":false,"connection":2"#)
        stage.clock.advance(by: .seconds(1000 * 3600))
        let listened = try await within(.seconds(30), "its end") { await command.value }
        let replayed = await stage.harness.run("replay", file, "--speed", "max", "--lifecycle", "--snapshot")
        let redacted = await stage.harness.run("redact", file)
        for type in ["stream.lost", "stream.resynced", "frame.invalid"] {
            #expect(listened.stdout.contains(type) && replayed.stdout.contains(type), "\(type)")
        }
        let recorded = try String(contentsOfFile: file, encoding: .utf8)
        #expect(recorded.contains(#""session":{"#) && recorded.contains(#""whole":true"#))
        let outputs = [
            ("listen", listened.stdout), ("replay", replayed.stdout), ("redact", recorded), ("redact", redacted.stdout),
        ]
        return outputs.flatMap { schema, text in
            text.split(separator: "\n").map { Document(schema: schema, text: String($0)) }
        }
    }

    /// The states of `show --follow`: no party, then one; and a party that another account can see.
    private static func followed() async throws -> [Document] {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let ann = PartyClient(harness.world.environment(store: harness.store()))
        async let result = harness.run("show", "--follow", "--json", "--timeout", "1h")
        try await eventually(.seconds(60), "null") { harness.printed == "null\n" }
        await harness.world.pushIsReady(for: 0)
        _ = try await ann.create(NewParty())
        try await eventually(.seconds(60), "the party") {
            harness.world.clock.advance(by: .milliseconds(50))
            return harness.printed.hasSuffix("}\n")
        }
        harness.world.clock.advance(by: .seconds(3600))
        return await result.stdout.split(separator: "\n").map { Document(schema: "show-follow", text: String($0)) }
    }

    /// An existing party, as `watch` prints it without a screen.
    private static func watched() async throws -> [Document] {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        _ = await harness.run("create", "--name", "Friday")
        async let result = harness.run("watch", "--json", "--timeout", "1h")
        try await eventually(.seconds(60), "the party") { harness.printed.contains("member.joined") }
        harness.world.clock.advance(by: .seconds(3600))
        let lines = await result.stdout.split(separator: "\n")
        return lines.map { Document(schema: "watch", text: String($0)) }
    }

    /// A voice run of two members that shows each of its lines but the bridge's.
    private static func signalled() async throws -> [Document] {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let (ann, bob) = (try await harness.world.signedIn(0), try await harness.world.signedIn(1))
        let id = try await ann.create(NewParty())
        _ = try await bob.join(.id(id), voice: false)
        let engine = EngineDouble { engine, line in
            engine.say("not JSON")
            switch EngineDouble.value(of: "type", in: line) {
            case "offer": engine.obey(line)
            case "bye": engine.end(.exited(status: 0))
            default: break
            }
        }
        harness.use(engine)
        async let result = harness.run("voice", "run", id.text, "--no-bridge", "--json", "--", "engine")
        _ = try await engine.told.value(at: 0)
        await harness.world.pushIsReady(for: 0)
        let device = { (number: UInt64) in
            Signal.Endpoint(accountID: AccountID(1_000_000_000_000_000_000 + number), platform: .mobileApp)
        }
        let signal = Signal(
            from: device(2), to: device(1), kind: .offer, sdp: "v=0\r\n", globalSequence: 1, sdpSequence: "1")
        try await SignalChannel(bob).send(signal, in: id)
        try await eventually(.seconds(60), "an agreement") { harness.printed.contains("peer.agreed") }
        _ = try await bob.leave(id)
        let lines = await result.stdout.split(separator: "\n")
        #expect(await result.status == 0)
        for type in ["voice.started", "peer.agreed", "peer.left", "voice.warning", "voice.stopping"] {
            #expect(lines.contains { $0.contains(type) }, "\(type)")
        }
        return lines.map { Document(schema: "voice-run", text: String($0)) }
    }

    /// The validator's output: a line for each error, empty if there is none.
    static func complaints(_ documents: [Document]) throws -> String {
        let program = """
            import json, pathlib, sys
            from jsonschema import Draft202012Validator, RefResolver
            folder = pathlib.Path(sys.argv[1])
            for line in sys.stdin:
                name, text = line.rstrip("\\n").split("\\t", 1)
                schema = json.loads((folder / (name + ".json")).read_text())
                Draft202012Validator.check_schema(schema)
                resolver = RefResolver(base_uri=folder.as_uri() + "/", referrer=schema)
                for error in Draft202012Validator(schema, resolver=resolver).iter_errors(json.loads(text)):
                    print(name, error.json_path, error.message)
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-W", "ignore", "-c", program, folder.path(percentEncoded: false)]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let lines = documents.map { document in
            "\(document.schema)\t\(document.text.split(separator: "\n").joined())\n"
        }
        try input.fileHandleForWriting.write(contentsOf: Data(lines.joined().utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text
    }
}
