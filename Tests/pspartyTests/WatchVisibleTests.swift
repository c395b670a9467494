import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// `listen --watch-visible`, on a clock that the tests advance.
@Suite(.timeLimit(.minutes(5))) struct WatchVisibleTests {
    private static func stage() async throws -> (CommandHarness, PartyClient, PartyClient) {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let ann = PartyClient(harness.world.environment(store: harness.store()))
        return (harness, ann, try await harness.world.signedIn(1))
    }

    private static func open(_ name: String) -> NewParty {
        var settings = NewParty()
        settings.name = name
        settings.visibility = .friends
        return settings
    }

    /// Advances the clock until that many lines are printed.
    private static func prints(_ count: Int, _ harness: CommandHarness) async throws {
        try await eventually(.seconds(60), "\(count) lines") {
            if harness.printed.split(separator: "\n").count >= count { return true }
            for _ in 0..<50 { await Task.yield() }
            harness.world.clock.advance(by: .milliseconds(500))
            return false
        }
    }

    /// The number of lists that the service was asked for.
    private static func lists(_ harness: CommandHarness) async -> Int {
        await harness.world.service.requests().filter { $0.target.contains("parties/bulkGet") }.count
    }

    @Test func `a friend's party appears and disappears as synthetic events with the owner`() async throws {
        let (harness, _, bob) = try await Self.stage()
        let words = ["listen", "--watch-visible", "30s", "--type", "party.*", "--from", "psparty-user-b"]
        async let result = harness.run(words + ["--count", "2"])
        await harness.world.pushIsReady(for: 0)
        await harness.world.clock.sleeper(dueIn: .seconds(30))
        let id = try await bob.create(Self.open("Friday"))
        try await Self.prints(1, harness)
        _ = try await bob.leave(id)
        try await Self.prints(2, harness)
        let lines = await result.stdout.split(separator: "\n")
        #expect(await result.status == 0)
        #expect(lines.count == 2)
        for (line, type) in zip(lines, ["party.visible", "party.hidden"]) {
            let root = try JSONDocument(Array(line.utf8)).root
            #expect(root["type"]?.string == type)
            #expect(root["partyId"]?.string == id.text)
            #expect(root["from"]?["onlineId"]?.string == "psparty-user-b")
            #expect(root["synthetic"]?.bool == true)
            #expect(line.hasSuffix(#","dataType":null,"data":null}"#))
        }
        let visible = try JSONDocument(Array(lines[0].utf8)).root
        #expect(visible["changes"]?["name"]?.string == "Friday")
        #expect(visible["members"]?.elements.count == 1)
    }

    @Test func `what is visible at the start comes with --snapshot only`() async throws {
        for (options, count) in [(["--snapshot"], 2), ([], 1)] as [([String], Int)] {
            let (harness, _, bob) = try await Self.stage()
            _ = try await bob.create(Self.open("before"))
            let words = ["listen", "--watch-visible", "30s", "--type", "party.visible"] + options
            async let result = harness.run(words + ["--timeout", "1h"])
            await harness.world.pushIsReady(for: 0)
            await harness.world.clock.sleeper(dueIn: .seconds(30))
            _ = try await harness.world.signedIn(2).create(Self.open("later"))
            try await Self.prints(count, harness)
            harness.world.clock.advance(by: .seconds(3600))
            let lines = await result.stdout.split(separator: "\n")
            #expect(lines.count == count)
            #expect(lines.last?.contains(#""name":"later""#) == true)
        }
    }

    @Test func `one's own parties are told by the stream alone`() async throws {
        let (harness, ann, bob) = try await Self.stage()
        async let result = harness.run("listen", "--watch-visible", "30s", "--type", "party.*", "--count", "2")
        await harness.world.pushIsReady(for: 0)
        await harness.world.clock.sleeper(dueIn: .seconds(30))
        let own = try await ann.create(Self.open("own"))
        try await Self.prints(1, harness)
        let other = try await bob.create(Self.open("other"))
        try await Self.prints(2, harness)
        let lines = await result.stdout.split(separator: "\n")
        #expect(lines[0].contains(#""type":"party.created""#) && lines[0].contains(own.text))
        #expect(lines[1].contains(#""type":"party.visible""#) && lines[1].contains(other.text))
    }

    @Test func `a list that fails is reported once, and the stream goes on`() async throws {
        let (harness, _, bob) = try await Self.stage()
        async let result = harness.run("listen", "--watch-visible", "30s", "--type", "party.*", "--count", "1")
        await harness.world.pushIsReady(for: 0)
        await harness.world.clock.sleeper(dueIn: .seconds(30))
        let before = await Self.lists(harness)
        await harness.world.service.add(
            Fault(
                match: .init(path: "parties/bulkGet", times: 2),
                action: .status(SimulatedResponse(status: 403, headers: [], body: Array("{}".utf8)))))
        let id = try await bob.create(Self.open("Friday"))
        try await Self.prints(1, harness)
        #expect(await Self.lists(harness) == before + 3)
        let ended = await result
        #expect(ended.stdout.contains(id.text))
        #expect(ended.stderr.split(separator: "\n").count { $0.contains("visible parties") } == 1, "\(ended.stderr)")
    }

    @Test func `while the budget is nearly used up it pauses, says so once, and goes on`() async throws {
        let (harness, _, bob) = try await Self.stage()
        // A third of the budget is left for others.
        await harness.spend(210)
        async let result = harness.run("listen", "--watch-visible", "30s", "--type", "party.*", "--count", "1")
        await harness.world.pushIsReady(for: 0)
        _ = try await bob.create(Self.open("at the start"))
        for _ in 0..<4 {
            await harness.world.clock.sleeper(dueIn: .seconds(30))
            harness.world.clock.advance(by: .seconds(30))
        }
        let notice = "looking for visible parties pauses while the request budget is nearly used up"
        #expect(harness.complained == "psparty: \(notice)\n")
        harness.world.clock.advance(by: .seconds(15 * 60))
        await harness.world.clock.sleeper(dueIn: .seconds(30))
        let id = try await harness.world.signedIn(2).create(Self.open("later"))
        try await Self.prints(1, harness)
        let ended = await result
        #expect(ended.stdout.contains(id.text))
        #expect(ended.stderr == "psparty: \(notice)\n")
    }

    @Test func `the text names the owner, the party and its members`() {
        var describer = EventDescriber(me: AccountID(1), invocation: Invocation(profile: nil, server: nil))
        let (bob, carol) = (
            Member(accountID: AccountID(2), onlineID: "bob"), Member(accountID: AccountID(3), onlineID: "carol")
        )
        let id = PartyID("11111111-2222-4333-8444-555555555555")
        let events = [
            PartyEvent(kind: .partyVisible, partyID: id, from: bob, members: [bob, carol], changes: [.name("Friday")]),
            PartyEvent(kind: .partyVisible, partyID: id, members: []),
            PartyEvent(kind: .partyHidden, partyID: id, from: bob),
        ]
        #expect(
            events.map { describer.take($0, .comparison).text } == [
                "bob's party \"Friday\" can be seen; bob and carol are in it", "the party 11111111 can be seen",
                "bob's party 11111111 can no longer be seen",
            ])
    }

    @Test(arguments: [
        ("listen --watch-visible 29s", "--watch-visible must be 30s or more"),
        ("listen --watch-visible 1m --raw", "--raw and --watch-visible cannot be combined"),
        ("listen --type party.visible", "--type party.visible matches only events of listen --watch-visible"),
        ("replay x --type party.hidden", "--type party.hidden matches only events of listen --watch-visible"),
    ])
    func `wrong usage is reported`(line: String, words: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stderr.hasPrefix("psparty: " + words), "\(result.stderr)")
    }
}
