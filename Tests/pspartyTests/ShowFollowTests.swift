import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// `show --follow`, on a clock that the tests advance.
@Suite(.timeLimit(.minutes(5))) struct ShowFollowTests {
    private struct Stage: Sendable {
        let harness: CommandHarness
        let scratch: ScratchFolder
        let ann: PartyClient
        let bob: PartyClient
        private let post: AsyncStream<Int32>.Continuation
        private let interrupts: Interrupts

        init(_ scenario: Scenario = Scenario()) async throws {
            harness = CommandHarness(scenario, clock: ManualClock())
            scratch = try ScratchFolder()
            await harness.signIn(0)
            ann = PartyClient(harness.world.environment(store: harness.store()))
            bob = try await harness.world.signedIn(1)
            let (signals, post) = AsyncStream<Int32>.makeStream()
            self.post = post
            interrupts = Interrupts(signals: signals, stop: { post.finish() })
        }

        /// Runs `show --follow` with these words and `body` during it, then interrupts it.
        func follow(_ words: [String] = [], _ body: @escaping @Sendable () async throws -> Void) async throws
            -> CommandResult
        {
            async let result = harness.run(["show", "--follow"] + words, interrupts: interrupts)
            do { try await body() } catch {
                post.yield(2)
                throw DeadlinePassed(description: "\(error)\n\(await result.stderr)")
            }
            post.yield(2)
            return await result
        }

        /// Advances the clock until the output is so.
        func prints(_ what: String, _ isSo: @escaping @Sendable (String) -> Bool) async throws {
            do {
                try await eventually(.seconds(60), what) { [harness] in
                    if isSo(harness.printed) { return true }
                    for _ in 0..<50 { await Task.yield() }
                    harness.world.clock.advance(by: .milliseconds(50))
                    return isSo(harness.printed)
                }
            } catch { throw DeadlinePassed(description: "\(error), but:\n\(harness.printed)") }
        }

        /// Waits until the last document has these members; an empty array is `null`.
        func shows(_ names: [String]) async throws {
            try await prints("\(names)") { ShowFollowTests.members($0) == names }
        }

        func file(_ name: String) throws -> String { try String(contentsOfFile: scratch(name), encoding: .utf8) }
    }

    /// The members of the last document; `nil` if there is none.
    private static func members(_ printed: String) -> [String]? {
        guard printed.hasSuffix("\n"), let line = printed.split(separator: "\n").last,
            let root = try? JSONDocument(Array(line.utf8)).root
        else { return nil }
        return root["members"]?.elements.compactMap { $0["onlineId"]?.string } ?? []
    }

    private static let (a, b) = ("psparty-user-a", "psparty-user-b")

    @Test func `it prints null, then each state as a party document, and the file has the last one`() async throws {
        let stage = try await Stage()
        let result = try await stage.follow(["--json", "--write", stage.scratch("party")]) {
            try await stage.shows([])
            let id = try await stage.ann.create(NewParty())
            try await stage.shows([Self.a])
            _ = try await stage.bob.join(.id(id), voice: false)
            try await stage.shows([Self.a, Self.b])
            #expect(try stage.file("party") == stage.harness.printed.split(separator: "\n").last.map { $0 + "\n" })
            _ = try await stage.bob.leave(id)
            try await stage.shows([Self.a])
            _ = try await stage.ann.leave(id)
            try await stage.shows([])
        }
        #expect(result.status == 130)
        #expect(result.stderr.isEmpty)
        #expect(result.stdout.hasPrefix("null\n{"))
        #expect(result.stdout.hasSuffix("}\nnull\n"))
        #expect(try stage.file("party") == "null\n")
    }

    @Test func `as text a state is one name a line and an empty line, and a file in .json is a document`() async throws
    {
        let stage = try await Stage()
        var settings = NewParty()
        settings.visibility = .friends
        let id = try await stage.ann.create(settings)
        let result = try await stage.follow(["--write", stage.scratch("party.json")]) {
            try await stage.prints("the first state") { $0 == "\(Self.a)\n\n" }
            _ = try await stage.bob.join(.id(id), voice: false)
            try await stage.prints("the second state") { $0.hasSuffix("\n\n\(Self.a)\n\(Self.b)\n\n") }
            _ = try await stage.ann.leave(id)
            try await stage.prints("the end") { $0.hasSuffix("\(Self.b)\n\n\n") }
        }
        #expect(result.stdout == "\(Self.a)\n\n\(Self.a)\n\(Self.b)\n\n\n")
        #expect(try stage.file("party.json") == "null\n")
        let words = ["show", id.text, "--follow", "--write", stage.scratch("names.txt")]
        async let names = stage.harness.run(words + ["--timeout", "1h"])
        try await stage.prints("the party of the other") { $0 == "\(Self.b)\n\n" }
        stage.harness.world.clock.advance(by: .seconds(3600))
        #expect(await names.status == 0)
        #expect(try stage.file("names.txt") == "\(Self.b)\n")
    }

    @Test func `the first state is printed before the stream stands`() async throws {
        let stage = try await Stage()
        _ = try await stage.ann.create(NewParty())
        await stage.harness.world.service.add(
            Fault(match: .init(path: "/np/serveraddr", times: nil), action: .delay, delayMilliseconds: 20_000))
        let result = try await stage.follow(["--json"]) {
            try await eventually(.seconds(60), "the state") { Self.members(stage.harness.printed) == [Self.a] }
        }
        #expect(result.stdout.split(separator: "\n").count == 1)
    }

    @Test func `changes within 100 ms are one state`() async throws {
        let stage = try await Stage()
        let id = try await stage.ann.create(NewParty())
        let result = try await stage.follow(["--json"]) {
            try await stage.shows([Self.a])
            await stage.harness.world.pushIsReady(for: 0)
            for number in 0..<50 { try await stage.ann.edit(id, .name("name \(number)")) }
            try await stage.prints("the last name") { $0.contains("name 49") }
        }
        // The burst itself takes a moment.
        #expect(result.stdout.split(separator: "\n").count < 20)
    }

    @Test func `what happened during an outage shows after it, and a dropped membership is kept`() async throws {
        var scenario = Scenario()
        scenario.membershipOnReconnect = .dropped
        let stage = try await Stage(scenario)
        let id = try await stage.bob.create(NewParty())
        try await stage.bob.invite(AccountID(1_000_000_000_000_000_001), to: id)
        _ = try await stage.ann.join(.id(id), voice: false)
        let result = try await stage.follow(["--json"]) {
            try await stage.shows([Self.b, Self.a])
            await stage.harness.world.pushIsReady(for: 0)
            await stage.harness.world.service.push(.cut, to: "A")
            try await stage.bob.edit(id, .name("during the outage"))
            try await stage.prints("the new name") {
                $0.contains("during the outage") && Self.members($0) == [Self.b, Self.a]
            }
        }
        #expect(result.status == 130)
        #expect(!result.stdout.contains("null\n"))
    }

    @Test func `a party that one is not in is looked up every 10 s, and null when it ends`() async throws {
        let stage = try await Stage()
        var settings = NewParty()
        settings.visibility = .friends
        let id = try await stage.bob.create(settings)
        let result = try await stage.follow(["--json", id.text]) {
            try await stage.shows([Self.b])
            await stage.harness.world.pushIsReady(for: 0)
            try await stage.bob.edit(id, .name("renamed"))
            try await stage.prints("the new name") { $0.contains("renamed") }
            _ = try await stage.bob.leave(id)
            try await stage.shows([])
        }
        #expect(result.status == 130)
        #expect(result.stdout.split(separator: "\n").count == 3)
    }

    @Test func `the end of the time is success, and a missing party is none`() async throws {
        let stage = try await Stage()
        let clock = stage.harness.world.clock
        async let timed = stage.harness.run("show", "--follow", "--json", "--timeout", "1h")
        try await eventually(.seconds(60), "the state") { stage.harness.printed == "null\n" }
        clock.advance(by: .seconds(3600))
        #expect(await timed == CommandResult(stdout: "null\n", stderr: "", status: 0))
        let missing = await stage.harness.run("show", "--follow", "11111111-2222-4333-8444-555555555555")
        #expect(missing.status == 3)
        #expect(missing.stdout.isEmpty)
    }

    @Test(arguments: [
        ("show --write x", "--write needs --follow"), ("show --timeout 1s", "--timeout needs --follow"),
        ("show --no-reconnect", "--no-reconnect needs --follow"),
        ("show --follow --write -", "--write needs a file name, not -; ./- is a file of that name"),
    ])
    func `options that need --follow or a file name are wrong usage without`(line: String, words: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stderr.hasPrefix("psparty: \(words)\n"), "\(result.stderr)")
    }

    @Test func `a file that cannot be written ends with status 70`() async throws {
        let stage = try await Stage()
        let path = stage.scratch("none/party.txt")
        let result = await stage.harness.run("show", "--follow", "--write", path)
        #expect(result.status == 70)
        #expect(result.stderr.hasPrefix("psparty: the file \(path) cannot be written: "), "\(result.stderr)")
        let gone = try stage.scratch.folder("gone")
        async let lost = stage.harness.run("show", "--follow", "--json", "--write", gone + "/party")
        try await stage.shows([])
        try FileManager.default.removeItem(atPath: gone)
        _ = try await stage.ann.create(NewParty())
        try await stage.prints("the failure") { [harness = stage.harness] _ in !harness.complained.isEmpty }
        let ended = await lost
        #expect(ended.status == 70)
        #expect(ended.stderr.contains("/party cannot be written: "), "\(ended.stderr)")
    }

    @Test func `a reader that exits ends it with status 0`() async throws {
        let stage = try await Stage()
        let result = await stage.harness.run("show", "--follow", writeError: .readerLeft)
        #expect(result.status == 0)
    }
}
