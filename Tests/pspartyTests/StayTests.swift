import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// `create --listen` and `join --listen`, with and without `--leave`.
@Suite(.timeLimit(.minutes(5))) struct StayTests {
    private static let creation = "/api/sessionManager/v2/partySessions"
    private static let upgrade = "/np/pushNotification"

    /// A way for a stream to end, and the exit status that it has.
    struct Ending: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var options: [String] = []
        var writeError: Console.WriteError?
        var status: Int32
        var act: @Sendable (Stage) async -> Void = { _ in }
    }

    struct Stage: Sendable {
        let harness: CommandHarness
        let bob: PartyClient
        let interrupts: Interrupts
        private let post: AsyncStream<Int32>.Continuation

        init() async throws {
            harness = CommandHarness(clock: ManualClock())
            await harness.signIn(0)
            bob = try await harness.world.signedIn(1)
            let (signals, post) = AsyncStream<Int32>.makeStream()
            self.post = post
            interrupts = Interrupts(signals: signals, stop: { post.finish() })
            await harness.world.service.clearRequests()
        }

        func terminate() { post.yield(15) }

        /// The parties that the first account is in, as the service has it.
        func parties() async throws -> [PartySession] {
            let ann = try await harness.world.signedIn(0)
            let account = try await ann.accessToken().accountID
            return try await ann.parties().filter { $0.hasMember(account) }
        }

        func isIn(_ number: Int = 1) async throws {
            try await eventually(.seconds(60), "\(number) parties") { try await parties().count == number }
        }

        func printed(_ words: String) async throws {
            try await eventually(.seconds(60), words) { harness.printed.contains(words) }
        }

        func sockets() async -> Int { await harness.world.service.push(.ping([]), to: "A") }
    }

    @Test func `the stream opens before the party is created, and the membership has its context`() async throws {
        let stage = try await Stage()
        async let result = stage.harness.run("create", "--name", "Friday", "--listen", interrupts: stage.interrupts)
        try await stage.printed("party.created")
        let requests = await stage.harness.world.service.requests()
        let opened = try #require(requests.firstIndex { $0.target == Self.upgrade })
        let made = try #require(requests.firstIndex { $0.method == "POST" && $0.target.hasPrefix(Self.creation) })
        #expect(opened < made)
        #expect(requests.filter { $0.target == Self.upgrade }.count == 1)
        // The holder of the stream reports the context of the membership.
        let line = try #require(stage.harness.share("default").join())
        var greeting: [UInt8] = []
        for await lines in line.received {
            greeting = lines.first ?? []
            break
        }
        line.close()
        let context = try #require(StreamGreeting(greeting)?.context.text)
        #expect(String(decoding: requests[made].body, as: UTF8.self).contains(context))
        stage.terminate()
        let ended = await result
        #expect(ended.status == 143)
        let id = try #require(try await stage.parties().first?.id)
        #expect(ended.stderr == "psparty: in party \(id.text)\n")
        #expect(ended.stdout.hasPrefix("{\"seq\":1,"))
    }

    static let endings = [
        Ending(testDescription: "a signal", status: 143) { $0.terminate() },
        Ending(testDescription: "the count", options: ["--count", "3"], status: 0) { stage in
            guard let id = try? await stage.parties().first?.id else { return }
            _ = try? await stage.bob.join(.id(id), voice: false)
        },
        Ending(testDescription: "the time", options: ["--timeout", "1h"], status: 0) { stage in
            stage.harness.world.clock.advance(by: .seconds(3600))
        },
        Ending(testDescription: "the reader", writeError: .readerLeft, status: 0),
        Ending(testDescription: "the reader, while nothing is printed", status: 0) { $0.harness.readerExit.set() },
        Ending(testDescription: "no room", writeError: .failed("No space left"), status: 70),
        Ending(testDescription: "a loss for good", options: ["--no-reconnect"], status: 7) { stage in
            _ = await stage.harness.world.service.push(.cut, to: "A")
        },
    ]

    @Test(arguments: endings) func `--leave leaves the party however the command ends`(_ ending: Ending) async throws {
        for leaves in [true, false] {
            let stage = try await Stage()
            let words = ["create", "--listen"] + ending.options + (leaves ? ["--leave"] : [])
            async let result = stage.harness.run(
                words, writeError: ending.writeError, interrupts: stage.interrupts)
            if ending.writeError == nil {
                try await stage.isIn()
                try await stage.printed("party.created")
                await ending.act(stage)
            }
            let status = await result.status
            #expect(status == ending.status, "\(words)")
            #expect(try await stage.parties().isEmpty == leaves, "\(words)")
            #expect(await stage.sockets() == 0)
        }
    }

    @Test(arguments: [[], ["--timeout", "1h"]])
    func `a reader that exits before the party is entered ends the command with status 0 and a notice`(
        options: [String]
    ) async throws {
        let stage = try await Stage()
        stage.harness.readerExit.set()
        let result = await stage.harness.run(["create", "--listen"] + options, interrupts: stage.interrupts)
        let isIn = try await !stage.parties().isEmpty
        #expect(result.status == 0)
        #expect(result.stderr.contains("the reader of standard output exited before the party was entered") != isIn)
    }

    @Test func `the events of leaving are printed before the end`() async throws {
        let stage = try await Stage()
        async let result = stage.harness.run("create", "--listen", "--leave", interrupts: stage.interrupts)
        try await stage.printed("party.created")
        stage.terminate()
        let types = await result.stdout.split(separator: "\n").compactMap { line in
            try? JSONDocument(Array(line.utf8)).root["type"]?.string
        }
        #expect(types == ["member.joined", "party.created", "member.left", "party.deleted"])
    }

    @Test(arguments: [true, false])
    func `late events of leaving are printed if they arrive within the wait`(
        comes: Bool
    ) async throws {
        let stage = try await Stage()
        async let result = stage.harness.run("create", "--listen", "--leave", interrupts: stage.interrupts)
        try await stage.printed("party.created")
        let id = try #require(try await stage.parties().first?.id)
        // The service answers the request but does not remove the member yet.
        await stage.harness.world.service.add(
            Fault(
                match: .init(method: "DELETE", path: "members/me", times: 1),
                action: .status(SimulatedResponse(status: 204))))
        stage.terminate()
        // No other wait has this length.
        await stage.harness.world.clock.sleeper(dueIn: .milliseconds(1200))
        if comes {
            _ = try await stage.harness.world.signedIn(0).leave(id)
        } else {
            stage.harness.world.clock.advance(by: .milliseconds(1200))
        }
        let ended = await result
        #expect(ended.status == 143)
        #expect(ended.stdout.contains("party.deleted") == comes)
    }

    @Test func `if others stay in the party, leaving does not wait for its end`() async throws {
        let stage = try await Stage()
        let id = try await stage.bob.create(NewParty())
        let ann = try await stage.harness.world.signedIn(0).accessToken().accountID
        try await stage.bob.invite(ann, to: id)
        async let result = stage.harness.run(
            "join", id.text, "--listen", "--leave", interrupts: stage.interrupts)
        try await stage.printed("member.joined")
        try await stage.isIn()
        stage.terminate()
        let ended = await result
        #expect(ended.status == 143)
        #expect(ended.stdout.contains("member.left"))
    }

    @Test func `a party whose creation is in progress at the signal is left too`() async throws {
        let stage = try await Stage()
        let service = stage.harness.world.service
        await service.add(
            Fault(match: .init(method: "POST", path: Self.creation, times: 1), action: .delay, delayMilliseconds: 1234))
        async let result = stage.harness.run("create", "--listen", "--leave", interrupts: stage.interrupts)
        // No other wait has this length.
        await stage.harness.world.clock.sleeper(dueIn: .milliseconds(1234))
        stage.terminate()
        await stage.harness.world.clock.sleeper(dueIn: .seconds(2))
        stage.harness.world.clock.advance(by: .milliseconds(1234))
        #expect(await result.status == 143)
        #expect(await service.requests().contains { $0.method == "DELETE" })
        #expect(try await stage.parties().isEmpty)
    }

    @Test func `a leave that the service refuses ends with the status of that refusal`() async throws {
        let stage = try await Stage()
        await stage.harness.world.service.add(
            Fault(
                match: .init(method: "DELETE", times: nil), action: .delay, delayMilliseconds: 100_000))
        async let result = stage.harness.run("create", "--listen", "--leave", "--count", "1")
        await stage.harness.world.clock.sleeper(dueIn: .milliseconds(3700))
        stage.harness.world.clock.advance(by: .milliseconds(3700))
        let ended = await result
        #expect(ended.status == 7)
        #expect(ended.stderr.contains("psparty leave"))
    }

    @Test func `if joining is refused, the stream is closed and the refusal is reported`() async throws {
        let stage = try await Stage()
        await stage.harness.world.service.add(
            Fault(
                match: .init(method: "POST", path: Self.creation, times: nil),
                action: .status(SimulatedResponse(status: 403))))
        let result = await stage.harness.run("create", "--listen", "--leave")
        #expect(result.status == 5)
        #expect(result.stderr.hasPrefix("psparty: "))
        #expect(await stage.sockets() == 0)
    }

    @Test func `without a ready stream no party is created`() async throws {
        let stage = try await Stage()
        await stage.harness.world.service.add(
            Fault(match: .init(path: "/np/serveraddr", times: nil), action: .delay, delayMilliseconds: 100_000))
        async let result = stage.harness.run("create", "--listen")
        await stage.harness.world.clock.sleeper(dueIn: .seconds(30))
        stage.harness.world.clock.advance(by: .seconds(30))
        let late = await result
        #expect(late.status == 7)
        #expect(late.stderr == "psparty: the push stream was not ready within 30 s\n")
        #expect(await stage.harness.world.service.requests().allSatisfy { $0.method != "POST" })
    }

    @Test func `a failed invitation is reported at once and sets the exit status`() async throws {
        let stage = try await Stage()
        await stage.harness.world.service.add(
            Fault(
                match: .init(method: "POST", path: "invitations", times: nil),
                action: .status(SimulatedResponse(status: 403))))
        async let result = stage.harness.run(
            "create", "--listen", "--invite", "psparty-user-b", "--timeout", "1h")
        try await eventually(.seconds(60), "the notice") { stage.harness.complained.split(separator: "\n").count == 2 }
        #expect(try await stage.parties().count == 1)
        stage.harness.world.clock.advance(by: .seconds(3600))
        #expect(await result.status == 5)
    }

    @Test func `join --wait and --listen share one stream`() async throws {
        let stage = try await Stage()
        let id = try await stage.bob.create(NewParty())
        async let result = stage.harness.run(
            "join", "--from", "psparty-user-b", "--wait", "--listen", "--leave", interrupts: stage.interrupts)
        await stage.harness.world.pushIsReady(for: 0)
        let ann = try await stage.harness.world.signedIn(0).accessToken().accountID
        try await stage.bob.invite(ann, to: id)
        try await stage.printed("member.joined")
        let upgrades = await stage.harness.world.service.requests().filter { $0.target == Self.upgrade }
        #expect(upgrades.count == 1)
        stage.terminate()
        let joined = await result
        #expect(joined.status == 143)
        #expect(joined.stderr == "psparty: in party \(id.text)\n")
        #expect(try await stage.parties().isEmpty)
    }

    @Test func `a dry run opens no stream and shows both requests`() async throws {
        let stage = try await Stage()
        let result = await stage.harness.run("create", "--listen", "--leave", "--dry-run")
        #expect(result.status == 0)
        #expect(result.stdout.split(separator: "\n").filter { $0.hasPrefix("curl ") }.count == 2)
        #expect(await stage.harness.world.service.requests().allSatisfy { $0.target != Self.upgrade })
    }

    @Test(arguments: [
        "create --leave", "create --count 1", "create --timeout 1s", "join current --lifecycle", "join current --leave",
        "join current --timeout 1s", "create --no-reconnect", "create --listen --type nonsense",
        "create --type member.*",
    ])
    func `options that need --listen are wrong usage without it`(line: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
    }
}
