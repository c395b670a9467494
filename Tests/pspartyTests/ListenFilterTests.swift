import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// `--from` and `--party` are looked up at the start.
@Suite(.timeLimit(.minutes(5))) struct ListenFilterTests {
    private static let unknownParty = "11111111-2222-4333-8444-555555555555"

    @Test(arguments: [
        ("listen --from no-such-user", "no such user: no-such-user"),
        ("listen --from 1000000000000000099", "no such user: 1000000000000000099"),
        ("listen --party \(unknownParty)", "no such party: \(unknownParty)"),
        ("watch \(unknownParty)", "no such party: \(unknownParty)"), ("listen --party current", "is in no party"),
        ("join --from psparty-user-b --from no-such-user --wait", "no such user: no-such-user"),
    ])
    func `an unknown user or party is an error that names it`(words: String, message: String) async {
        let harness = CommandHarness()
        await harness.signIn()
        let result = await harness.run(words.split(separator: " ").map(String.init))
        #expect(result.status == 3)
        #expect(result.stderr.contains(message), "\(result.stderr)")
    }

    @Test(arguments: ["listen --raw --snapshot", "replay x --raw --snapshot"])
    func `--raw and --snapshot exclude each other`(words: String) async {
        let result = await CommandHarness().run(words.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stderr.contains("--raw and --snapshot cannot be combined"))
    }

    @Test func `--from matches the account even if the frame has another name`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        async let result = harness.run(
            "listen", "--from", "PSPARTY-user-B", "--type", "message.*", "--count", "2", "--timeout", "1h")
        await harness.world.pushIsReady(for: 0)
        for from in [
            #""accountId":"1000000000000000002""#, #""accountId":"1000000000000000003","onlineId":"psparty-user-b""#,
            #""accountId":"1000000000000000002","onlineId":"renamed""#,
        ] {
            let frame =
                #"{"method":3001,"dataType":"psn:sessionManager:sys:v2:ps:customMessage:created","body":{"data":"#
                + #"{"customProperties":{"from":{\#(from)}}}}}"#
            await harness.world.service.push(.text(Array(frame.utf8)), to: "A")
        }
        let ended = await result
        #expect(ended.status == 0)
        #expect(!ended.stdout.contains("1000000000000000003"))
    }

    @Test func `--party works even if the look-up fails for now`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let friend = try await harness.world.signedIn(1)
        let id = try await friend.create(NewParty())
        for (status, notice) in [(403, ""), (400, "could not be looked up")] {
            await harness.world.service.add(
                Fault(
                    match: .init(method: "GET", path: "/api/sessionManager/v2/partySessions", times: 1),
                    action: .status(SimulatedResponse(status: status))))
            async let result = harness.run("listen", "--party", id.text, "--timeout", "1h")
            await harness.world.pushIsReady(for: 0)
            await harness.world.clock.sleeper(dueIn: .seconds(600))
            harness.world.clock.advance(by: .seconds(3600))
            let ended = await result
            #expect(ended.status == 0)
            #expect(ended.stderr.contains(notice))
        }
    }

    @Test func `a snapshot contains the pending invitations, with inviter and name`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let friend = try await harness.world.signedIn(1)
        var settings = NewParty()
        settings.name = "Friday"
        let id = try await friend.create(settings)
        try await friend.invite(AccountID(1_000_000_000_000_000_001), to: id)
        let result = await harness.run("listen", "--snapshot", "--count", "1", "--timeout", "1h")
        let line = try JSONDocument(Array(result.stdout.utf8)).root
        #expect(line["type"]?.string == "invitation.received")
        #expect(line["synthetic"]?.bool == true)
        #expect(line["partyId"]?.string == id.text)
        #expect(line["from"]?["onlineId"]?.string == "psparty-user-b")
        #expect(line["changes"]?["name"]?.string == "Friday")
    }

    @Test func `without a snapshot earlier invitations are not printed`() async throws {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
        let friend = try await harness.world.signedIn(1)
        let id = try await friend.create(NewParty())
        try await friend.invite(AccountID(1_000_000_000_000_000_001), to: id)
        async let result = harness.run("listen", "--timeout", "1h")
        await harness.world.pushIsReady(for: 0)
        await harness.world.clock.sleeper(dueIn: .seconds(600))
        harness.world.clock.advance(by: .seconds(3600))
        #expect(await result.stdout.isEmpty)
    }
}
