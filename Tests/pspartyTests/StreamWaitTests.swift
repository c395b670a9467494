import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// Commands while another process, played by the test, holds the profile's push connection and has lost it.
@Suite(.timeLimit(.minutes(5))) struct StreamWaitTests {
    private static let reason =
        "another process, which holds the push connection of this profile, has lost it: the network is away"

    private static func stage(retryAfter: Duration = .seconds(90)) async throws -> (CommandHarness, StreamHold) {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let hold = try #require(try Self.hold(harness))
        Task {
            for await line in hold.joined {
                var json = JSONWriter()
                StreamGreeting(
                    context: ContextID("mark"), isReady: false, isInSync: false, connection: 1,
                    outage: .init(reason: "the network is away", retryAfter: retryAfter)
                ).write(to: &json)
                line.send(json.bytes)
                for await _ in line.received {}
            }
        }
        return (harness, hold)
    }

    /// The holder's role for the first account's connection.
    private static func hold(_ harness: CommandHarness) throws -> StreamHold? {
        let origin = try #require(ServiceOrigin(InProcessTransport.origin))
        return harness.share("default").hold(
            for: ServiceAccount(origin: origin, accountID: AccountID(1_000_000_000_000_000_001)))
    }

    static let waiting = [
        "create --listen", "join 11111111-2222-4333-8444-555555555555 --listen", "join --from psparty-user-b --wait",
        "watch",
    ]

    @Test(arguments: waiting) func `commands that wait for the stream give up and say why`(words: String) async throws {
        let (harness, _) = try await Self.stage()
        let result = await harness.run(words.split(separator: " ").map(String.init))
        #expect(result.status == 7)
        #expect(
            result.stderr.hasSuffix("psparty: there is no push stream: \(Self.reason); the next try is in 90 s\n"),
            "\(result.stderr)")
        #expect(await harness.world.service.requests().allSatisfy { !$0.target.hasSuffix("/members") })
    }

    @Test func `voice run gives up and says why`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let id = String(await harness.run("create").stdout.dropLast())
        let hold = try #require(try Self.hold(harness))
        Task {
            for await line in hold.joined {
                var json = JSONWriter()
                StreamGreeting(
                    context: ContextID("mark"), isReady: false, isInSync: false, connection: 1,
                    outage: .init(reason: "the network is away", retryAfter: .seconds(90))
                ).write(to: &json)
                line.send(json.bytes)
                for await _ in line.received {}
            }
        }
        harness.use(EngineDouble { _, _ in })
        let result = await harness.run("voice", "run", id, "--no-bridge", "--", "engine")
        #expect(result.status == 7)
        #expect(result.stderr.contains("there is no push stream: \(Self.reason)"), "\(result.stderr)")
    }

    @Test func `listen reports it at once and keeps waiting`() async throws {
        let (harness, _) = try await Self.stage()
        async let result = harness.run("listen", "--lifecycle", "--timeout", "1h")
        try await eventually(.seconds(20), "the loss") { harness.printed.contains("stream.lost") }
        #expect(harness.complained == "psparty: \(Self.reason); trying again in 90.0 s\n")
        #expect(harness.printed.contains(#""retryAfterMs":90000"#))
        harness.world.clock.advance(by: .seconds(3600))
        #expect(await result.status == 0)
    }

    @Test func `with --no-reconnect listen ends`() async throws {
        let (harness, _) = try await Self.stage()
        let result = await harness.run("listen", "--no-reconnect")
        #expect(result.status == 7)
        #expect(result.stderr.hasSuffix("psparty: the push stream was lost: \(Self.reason)\n"))
    }

    @Test func `frames that wait for the comparison are printed when the stream ends for good`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let service = harness.world.service
        await service.add(
            Fault(match: .init(path: "parties/bulkGet", times: nil), action: .delay, delayMilliseconds: 5000))
        async let result = harness.run("listen", "--no-reconnect")
        await harness.world.pushIsReady(for: 0)
        await harness.world.clock.sleeper(dueIn: .milliseconds(5000))
        for number in 0..<20 { await service.push(.text(FaultStage.frame("\(number)")), to: "A") }
        await service.push(.close(code: 1000, reason: "bye"), to: "A")
        let ended = await result
        #expect(ended.status == 7)
        #expect(ended.stdout.split(separator: "\n").count == 20)
    }
}
