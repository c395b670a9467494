import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite(.timeLimit(.minutes(5))) struct InvitationCommandTests {
    private func hosts(_ scenario: Scenario = Scenario(), clock: ManualClock = ManualClock(isInstant: true)) async -> (
        CommandHarness, party: String
    ) {
        let harness = CommandHarness(scenario, clock: clock)
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let id = await harness.run("create", "--name", "Friday").stdout.dropLast()
        return (harness, String(id))
    }

    @Test func `users are invited by name in any case, by number, and from standard input`() async throws {
        let (harness, _) = await hosts()
        let result = await harness.run("invite", "PSPARTY-user-B", "-", input: ["1000000000000000003", ""])
        #expect(
            result
                == CommandResult(
                    stdout: "psparty-user-b\tinvited\n1000000000000000003\tinvited\n", stderr: "", status: 0))
        let bodies = await harness.world.service.requests().filter { $0.target.hasSuffix("/invitations") }.map(\.body)
        #expect(
            bodies.map { String(decoding: $0, as: UTF8.self) }
                == ["2", "3"].map { digit in
                    #"{"invitationType":"NORMAL","invitations":[{"to":{"accountId":"100000000000000000"# + digit
                        + #""}}],"invitationsToGroups":[]}"#
                })
    }

    @Test func `a user who is named twice is invited once`() async {
        let (harness, _) = await hosts()
        await harness.world.service.clearRequests()
        let result = await harness.run(
            "invite", "psparty-user-b", "PSPARTY-USER-B", "-", "no-such-user", "no-such-user",
            input: ["1000000000000000002", "psparty-user-b"])
        #expect(result.status == 3)
        #expect(result.stdout.split(separator: "\n").count == 2)
        #expect(result.stdout.hasPrefix("psparty-user-b\tinvited\n"))
        #expect(result.stderr.contains("1 of 2 invitations failed"))
        #expect(await harness.world.service.requests().filter { $0.target.hasSuffix("/invitations") }.count == 1)
        let created = await harness.run("create", "--invite", "psparty-user-b", "--invite", "1000000000000000002")
        #expect(created.status == 0)
        #expect(await harness.world.service.requests().filter { $0.target.hasSuffix("/invitations") }.count == 2)
    }

    @Test(arguments: ["1000000000000000001", "psparty-user-a"]) func `join --from refuses the own account`(
        name: String
    ) async {
        let (harness, _) = await hosts()
        let result = await harness.run("join", "--from", name, "--wait")
        #expect(result.status == 64)
        #expect(result.stderr.hasPrefix("psparty: --from \(name) cannot match: you cannot invite yourself\n"))
    }

    @Test func `a failed invitation does not stop the others, and sets the exit status`() async {
        let (harness, _) = await hosts()
        let json = await harness.run("invite", "no-such-user", "psparty-user-b", "--json")
        #expect(json.status == 3)
        expectGolden(json.stdout, "invite.json")
        #expect(json.stderr.contains("1 of 2 invitations failed: user look-up failed: no such user: no-such-user ["))
    }

    @Test func `a refused invitation names the user as given, and explains the refusal`() async {
        let (harness, _) = await hosts()
        let myself = await harness.run("invite", "psparty-user-a")
        #expect(myself.status == 1)
        #expect(
            myself.stderr.hasPrefix(
                "psparty: psparty-user-a: invite refused: you cannot invite yourself [Bad Request (body: invitations)] "
            ))
        let blocked = #"{"error":{"referenceId":"r","code":2286592,"message":"rejected"}}"#
        await harness.world.service.add(
            Fault(
                match: .init(path: "invitations", times: nil),
                action: .status(SimulatedResponse(status: 403, body: Array(blocked.utf8)))))
        let refused =
            "psparty-user-b: invite refused: the user's settings do not allow it [rejected] (HTTP 403, request r)"
        #expect(await harness.run("invite", "psparty-user-b").stderr == "psparty: \(refused)\n")
        // `create` must report the name too.
        let created = await harness.run("create", "--invite", "psparty-user-b", "--invite", "1000000000000000003")
        #expect(created.status == 5)
        #expect(created.stderr.hasPrefix("psparty: 2 of 2 invitations failed: \(refused)"))
    }

    @Test func `a missing party is named by its id or by the given link`() async {
        let (harness, _) = await hosts()
        let id = "99999999-2222-4333-8444-555555555555"
        for words in [["show", id], ["edit", id, "--name", "x"], ["link", id], ["join", id]] {
            let result = await harness.run(words)
            #expect(result.status == 3)
            #expect(result.stderr.contains("no such party: \(id) [Resource not found] ("), "\(result.stderr)")
        }
        let link = await harness.run("join", "https://party.playstation.com/-aaaaaaaaaaaaaaaaaaaaa")
        #expect(link.stderr.contains("no party has the link -aaaaaaaaaaaaaaaaaaaaa"), "\(link.stderr)")
    }

    @Test func `joining a full party says that it is full`() async {
        let (harness, _) = await hosts()
        let id = String(await harness.run("create", "--max-members", "2").stdout.dropLast())
        await harness.signIn(1, profile: "bob")
        await harness.signIn(2, profile: "carol")
        #expect(await harness.run("join", id, "--profile", "bob").status == 0)
        let full = await harness.run("join", id, "--profile", "carol")
        #expect(full.status == 6)
        #expect(
            full.stderr.hasPrefix("psparty: join refused: the party is full [Upper limit exceeded] (HTTP 409, request ")
        )
    }

    @Test func `a similar online id is not accepted`() async {
        let (harness, _) = await hosts()
        let other = SimulatedResponse(
            status: 200, body: Array(#"{"profile":{"onlineId":"psparty-user-bb","accountId":"1"}}"#.utf8))
        await harness.world.service.add(Fault(match: .init(path: "/userProfile/v1/users/"), action: .status(other)))
        #expect(await harness.run("invite", "psparty-user-b").status == 3)
        #expect(await harness.world.service.requests().allSatisfy { !$0.target.hasSuffix("/invitations") })
    }

    @Test(arguments: [("json", ["--json"]), ("txt", [])])
    func `invitations come with party, sender and age`(form: String, options: [String]) async {
        let (harness, _) = await hosts()
        _ = await harness.run("invite", "psparty-user-b")
        harness.world.clock.advance(by: .seconds(150))
        let result = await harness.run(["invitations", "--profile", "bob"] + options)
        expectGolden(result.stdout, "invitations.\(form)")
    }

    @Test func `join --from takes the newest invitation of that user`() async {
        let (harness, _) = await hosts()
        _ = await harness.run("invite", "psparty-user-b")
        harness.world.clock.advance(by: .seconds(1))
        let second = await harness.run("create").stdout
        _ = await harness.run("invite", "psparty-user-b")
        let joined = await harness.run("join", "--from", "psparty-user-a", "--profile", "bob")
        #expect(joined == CommandResult(stdout: second, stderr: "", status: 0))
    }

    @Test func `join --from without an invitation has a hint`() async {
        let (harness, _) = await hosts()
        let result = await harness.run("join", "--from", "psparty-user-a", "--profile", "bob")
        #expect(result.status == 3)
        #expect(result.stderr.contains("--wait"))
    }

    @Test func `join --wait gets the invitation from the push stream although the list stays empty`() async throws {
        var scenario = Scenario()
        scenario.invitationsListed = false
        let (harness, id) = await hosts(scenario, clock: ManualClock())
        async let joined = harness.run(
            "join", "--from", "psparty-user-a", "--wait", "--timeout", "1h", "--profile", "bob")
        await harness.world.pushIsReady(for: 1)
        let ann = PartyClient(harness.world.environment(store: harness.store()))
        try await ann.invite(AccountID(1_000_000_000_000_000_002), to: PartyID(id))
        let result = await joined
        #expect(result == CommandResult(stdout: id + "\n", stderr: "", status: 0))
    }

    @Test func `join --wait also polls the list, at most every 10 s`() async throws {
        var scenario = Scenario()
        scenario.invitationsPushed = false
        let (harness, id) = await hosts(scenario, clock: ManualClock())
        let clock = harness.world.clock
        async let joined = harness.run(
            "join", "--from", "psparty-user-a", "--wait", "--timeout", "1h", "--profile", "bob")
        await harness.world.pushIsReady(for: 1)
        await clock.sleeper(dueIn: .seconds(10))
        await clock.sleeper(dueIn: .seconds(600))
        let ann = PartyClient(harness.world.environment(store: harness.store()))
        try await ann.invite(AccountID(1_000_000_000_000_000_002), to: PartyID(id))
        let asked = await harness.world.service.requests().filter { $0.target.hasSuffix("partySessionsInvitations") }
        // Once at the start, and once by the comparison after connecting.
        #expect(asked.count == 2)
        clock.advance(by: .seconds(10))
        #expect(await joined.stdout == id + "\n")
    }

    @Test(arguments: [true, false]) func `of several --from users the one who invites is used`(waits: Bool) async throws
    {
        let (harness, _) = await hosts(clock: ManualClock())
        let carol = try await harness.world.signedIn(2)
        let second = try await carol.create(NewParty())
        let users = ["--from", "psparty-user-a", "--from", "psparty-user-c"]
        let words = ["join"] + users + ["--profile", "bob"]
        if waits {
            async let joined = harness.run(words + ["--wait", "--timeout", "1h"])
            await harness.world.pushIsReady(for: 1)
            try await carol.invite(AccountID(1_000_000_000_000_000_002), to: second)
            #expect(await joined.stdout == second.text + "\n")
        } else {
            let none = await harness.run(words)
            #expect(none.status == 3)
            #expect(none.stderr.contains("no invitation from psparty-user-a or psparty-user-c"))
            _ = await harness.run("invite", "psparty-user-b")
            harness.world.clock.advance(by: .seconds(1))
            try await carol.invite(AccountID(1_000_000_000_000_000_002), to: second)
            #expect(await harness.run(words).stdout == second.text + "\n")
        }
    }

    @Test func `a refused list does not end the wait`() async throws {
        let (harness, id) = await hosts(clock: ManualClock())
        await harness.world.service.add(
            Fault(
                match: .init(path: "partySessionsInvitations", times: nil),
                action: .status(SimulatedResponse(status: 403))))
        async let joined = harness.run(
            "join", "--from", "psparty-user-a", "--wait", "--timeout", "1h", "--profile", "bob")
        await harness.world.pushIsReady(for: 1)
        await harness.world.clock.sleeper(dueIn: .seconds(10))
        harness.world.clock.advance(by: .seconds(10))
        await harness.world.clock.sleeper(dueIn: .seconds(20))
        let ann = PartyClient(harness.world.environment(store: harness.store()))
        try await ann.invite(AccountID(1_000_000_000_000_000_002), to: PartyID(id))
        #expect(await joined == CommandResult(stdout: id + "\n", stderr: "", status: 0))
    }

    @Test func `join --wait ends at its time limit`() async {
        let (harness, _) = await hosts(clock: ManualClock())
        async let joined = harness.run(
            "join", "--from", "psparty-user-a", "--wait", "--timeout", "3s", "--profile", "bob")
        await harness.world.pushIsReady(for: 1)
        await harness.world.clock.sleeper(dueIn: .seconds(3))
        harness.world.clock.advance(by: .seconds(3))
        #expect(await joined.status == 8)
    }

    @Test func `create --invite prints the id even if an invitation is refused`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let good = await harness.run("create", "--invite", "psparty-user-b", "--invite", "1000000000000000003")
        #expect(good.status == 0)
        await harness.world.service.add(
            Fault(match: .init(path: "invitations"), action: .status(SimulatedResponse(status: 403))))
        let bad = await harness.run("create", "--invite", "psparty-user-b")
        #expect(bad.status == 5)
        #expect(isUUID(bad.stdout.dropLast()))
    }

    @Test func `create --invite of an unknown user creates nothing`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let result = await harness.run("create", "--invite", "nobody-here")
        #expect(result.status == 3)
        #expect(result.stdout.isEmpty)
        #expect(await harness.run("list").stdout.isEmpty)
    }
}
