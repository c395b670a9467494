import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// A sign-in belongs to one server, and shared state belongs to one account there.
@Suite struct SignInServerTests {
    private static let elsewhere = ["PSPARTY_SERVER": "https://192.0.2.1"]
    private static let refusal =
        "psparty: profile default is signed in to https://simulator.test, not to https://192.0.2.1\n"
    private static let hint =
        "hint: use another profile with --profile NAME, or replace that sign-in with `psparty login --replace`\n"

    private func requests(_ harness: CommandHarness) async -> [RecordedRequest] {
        await harness.world.service.requests()
    }

    @Test(arguments: [
        ["PSPARTY_SERVER": "HTTPS://Simulator.TEST:443/"], ["PSPARTY_SERVER": "https://simulator.test:0443"],
    ])
    func `another spelling of the server is the same server`(variables: [String: String]) async {
        let harness = CommandHarness()
        await harness.signIn()
        #expect(await harness.run("create", variables: variables).status == 0)
        #expect(await harness.run("show").status == 0)
    }

    @Test(arguments: [
        "http://simulator.test", "https://simulator.test:8443", "https://simulator.test.example", "https://127.0.0.1",
        "https://localhost", "https://[::1]",
    ])
    func `a server that differs in any part is another server`(server: String) async {
        let harness = CommandHarness()
        await harness.signIn()
        await harness.world.service.clearRequests()
        let result = await harness.run("friends", variables: ["PSPARTY_SERVER": server])
        #expect(result.status == (server.hasPrefix("http:") ? 78 : 4))
        #expect(await harness.run("friends", "--server", server).status == result.status)
        #expect(await requests(harness).isEmpty)
    }

    /// The config file's keys, each by itself and all together.
    @Test(arguments: ["authorization", "mobile", "web", "push-lookup", "legacy-profile", "devices"])
    func `one host of another server ends a command before any request`(key: String) async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        let keys = ["authorization", "mobile", "web", "push-lookup", "legacy-profile", "devices"]
        func write(_ other: String?) throws {
            let lines = keys.map { "\($0) = '\($0 == other ? "https://192.0.2.1" : InProcessTransport.origin)'" }
            try folder.put((["[hosts]"] + lines).joined(separator: "\n") + "\n", "config/config.toml")
        }
        let byFile = ["PSPARTY_SERVER": ""]
        try write(nil)
        let npsso = harness.world.service.accounts[0].npsso
        #expect(await harness.run("login", "--npsso", "-", input: [npsso], variables: byFile).status == 0)
        #expect(await harness.run("friends", variables: byFile).status == 0)
        // The service names a host of the real service, which must not get these tokens.
        let push = Fault(
            match: .init(path: "/np/serveraddr"),
            action: .status(SimulatedResponse(status: 200, body: Array(#"{"fqdn":"push.np.playstation.net"}"#.utf8))))
        await harness.world.service.add(push)
        let stream = await harness.run("listen", variables: byFile)
        #expect(stream.status == 4)
        #expect(stream.stderr.contains("not to https://push.np.playstation.net\n"))
        try write(key)
        await harness.world.service.clearRequests()
        for words in [["friends"], ["whoami"], ["token"], ["listen"], ["create", "--dry-run"], ["logout"]] {
            let result = await harness.run(words, variables: byFile)
            #expect(result.status == 4, "\(words)")
            #expect(result.stderr.hasPrefix(Self.refusal), "\(result.stderr)")
        }
        // A sign-in whose tokens would go to two servers is refused.
        let login = await harness.run(
            "login", "--npsso", "-", "--profile", "new", input: [npsso], variables: byFile)
        #expect(login.status == 78, "\(login.stderr)")
        #expect(login.stderr.contains("the settings name two servers"))
        #expect(await requests(harness).isEmpty)
    }

    @Test func `a token file without a server belongs to the real service only`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let store = harness.store()
        let file = String(decoding: try #require(try store.load(.credentials)), as: UTF8.self)
        let old = file.replacing(#""origin":"https://simulator.test","#, with: "")
        #expect(old != file)
        try store.save(.credentials, Array(old.utf8))
        // The files of an earlier version.
        let party = "11111111-2222-4333-8444-555555555555"
        try store.save(.current, Array(#"{"parties":["\#(party)"]}"#.utf8))
        await harness.world.service.clearRequests()
        for words in [["friends"], ["whoami"], ["token"], ["logout"]] {
            let result = await harness.run(words)
            #expect(result.status == 4)
            #expect(
                result.stderr.hasPrefix(
                    "psparty: profile default is signed in to https://ca.account.sony.com, not to https://simulator.test\n"
                ))
        }
        #expect(await requests(harness).isEmpty)
        #expect(String(decoding: try #require(try store.load(.credentials)), as: UTF8.self) == old)
        let real = ["PSPARTY_SERVER": ""]
        #expect(await harness.run("whoami", variables: real).stdout == "psparty-user-a\n")
        let link = await harness.run("show", variables: real)
        #expect(link.status == 3 && !link.stderr.contains("in no party"), "\(link.stderr)")
        #expect(try store.load(.current) == nil)
        harness.world.clock.advance(by: .seconds(3600))
        #expect(await harness.run("token", variables: real).status == 0)
        let renewed = String(decoding: try #require(try store.load(.credentials)), as: UTF8.self)
        #expect(renewed.hasPrefix(#"{"version":1,"origin":"https://ca.account.sony.com","accountId""#))
        #expect(await harness.run("logout", variables: real).status == 0)
    }

    @Test func `login replaces a sign-in of another server only with --replace`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let before = try harness.store().load(.credentials)
        await harness.world.service.clearRequests()
        let npsso = harness.world.service.accounts[1].npsso
        for words in [["--npsso", "-"], ["--code", "-"], []] {
            let refused = await harness.run(["login"] + words, input: [npsso], variables: Self.elsewhere)
            #expect(refused == CommandResult(stdout: "", stderr: Self.refusal + Self.hint, status: 4))
        }
        let variable = await harness.run("login", variables: Self.elsewhere.merging(["PSPARTY_NPSSO": npsso]) { $1 })
        #expect(variable.status == 4)
        #expect(try harness.store().load(.credentials) == before)
        #expect(await requests(harness).isEmpty)
        let replaced = await harness.run(
            "login", "--npsso", "-", "--replace", input: [npsso], variables: Self.elsewhere)
        #expect(replaced == CommandResult(stdout: "psparty-user-b\n", stderr: "", status: 0))
        #expect(await harness.run("token", variables: Self.elsewhere).status == 0)
        #expect(await harness.run("token").status == 4)
        // An expired sign-in needs no --replace.
        await harness.world.service.killRefreshTokens()
        harness.world.clock.advance(by: .seconds(3600))
        #expect(await harness.run("token", variables: Self.elsewhere).status == 4)
        #expect(await harness.run("login", "--npsso", "-", input: [npsso]).status == 0)
    }

    @Test func `a sign-in that began at one server cannot be completed at another`() async {
        let harness = CommandHarness()
        #expect(await harness.run("login", variables: Self.elsewhere).status == 65)
        await harness.world.service.clearRequests()
        let other = await harness.run("login", "--code", "-", "--profile", "default", input: ["v3.abcdef"])
        #expect(other.status == 4)
        #expect(
            other.stderr.hasPrefix(
                "psparty: the pending sign-in began at https://192.0.2.1, not at https://simulator.test\n")
        )
        #expect(await requests(harness).isEmpty)
    }

    @Test func `a login as another account neither takes nor loses data of the first`() async throws {
        let harness = CommandHarness()
        await harness.signIn(0)
        let party = await harness.run("create").stdout
        _ = await harness.run("friends")
        #expect(await harness.run("voice", "offer").status == 0)
        let npsso = harness.world.service.accounts[1].npsso
        let login = await harness.run("login", "--npsso", "-", input: [npsso])
        #expect(login.status == 0)
        #expect(
            login.stderr.hasPrefix(
                "psparty: account 1000000000000000001 at https://simulator.test still has voice open; to close it, "
            ))
        #expect(await harness.run("show").status == 3)
        #expect(await harness.run("voice", "status", "--json").stdout == "[]\n")
        #expect(await harness.run("voice", "stop", "--json").stdout == "[]\n")
        #expect(harness.store().kept(.friends) == nil)
        await harness.signIn(0)
        #expect(await harness.run("show", "--json").stdout.contains(String(party.dropLast())))
        #expect(await harness.run("voice", "stop").stdout.contains("\tstopped\n"))
        #expect(await harness.run("login", "--npsso", "-", input: [npsso]).stderr.isEmpty)
    }

    @Test func `the budget belongs to an account, and loopback servers have none`() async throws {
        let harness = CommandHarness()
        await harness.signIn(0)
        let spent =
            "["
            + Array(repeating: "\(harness.world.clock.partyClock.now().milliseconds)", count: 300)
            .joined(separator: ",") + "]"
        try harness.store().save(.budget.of(harness.world.account(0)), Array(spent.utf8))
        #expect(await harness.run("list").status == 6)
        await harness.signIn(1)
        #expect(await harness.run("list").status == 0)
        for server in ["https://127.0.0.1:8443", "http://localhost:1", "https://[::1]:8443"] {
            let local = CommandHarness()
            await local.signIn(0, server: server)
            #expect(await local.run("list", variables: ["PSPARTY_SERVER": server]).status == 0)
            #expect(local.store().kept(.budget) == nil, "\(server)")
        }
    }

    @Test func `also with PSPARTY_ACCESS_TOKEN shared state belongs to the account`() async throws {
        let harness = CommandHarness()
        await harness.signIn(0)
        let mine = String(await harness.run("token").stdout.dropLast())
        await harness.signIn(1, profile: "bob")
        let bobs = String(await harness.run("token", "--profile", "bob").stdout.dropLast())
        let party = await harness.run("create").stdout
        #expect(await harness.run("show", variables: ["PSPARTY_ACCESS_TOKEN": bobs]).status == 3)
        let own = await harness.run("show", "--json", variables: ["PSPARTY_ACCESS_TOKEN": mine])
        #expect(own.stdout.contains(String(party.dropLast())))
        let elsewhere = Self.elsewhere.merging(["PSPARTY_ACCESS_TOKEN": mine]) { $1 }
        #expect(await harness.run("show", variables: elsewhere).status == 3)
    }

    @Test func `advice to wait applies only to the account that got it`() async throws {
        let world = TestWorld()
        let store = MemoryStore()
        let now = world.clock.partyClock.now()
        _ = try await world.signedIn(0, store: store)
        RetryAdviceFile(world.environment(store: store)).remember(.seconds(100), at: now)
        #expect(RetryAdviceFile(world.environment(store: store)).rest(at: now) == .seconds(100))
        _ = try await world.signedIn(1, store: store)
        #expect(RetryAdviceFile(world.environment(store: store)).rest(at: now) == nil)
        _ = try await world.signedIn(0, store: store)
        #expect(RetryAdviceFile(world.environment(store: store)).rest(at: now) == .seconds(100))
    }

    @Test func `a run ends when its profile changes to another account`() async throws {
        let world = TestWorld()
        let store = MemoryStore()
        let client = try await world.signedIn(0, store: store)
        _ = try await client.accessToken()
        _ = try await world.signedIn(1, store: store)
        let error = await #expect(throws: PartyError.self) { try await client.accessToken() }
        #expect(error?.kind == .signIn)
        #expect(error?.message == "profile default was signed in as another account meanwhile")
        #expect(
            try await PartyClient(world.environment(store: store)).accessToken().accountID
                == AccountID(1_000_000_000_000_000_002))
    }

    @Test func `completion offers nothing of a sign-in at another server`() async {
        let harness = CommandHarness()
        await harness.signIn()
        _ = await harness.run("friends")
        let request = ["__complete", "invite", "--server", "https://192.0.2.1", ""]
        #expect(!(await harness.run(request).stdout.contains("psparty-user-b")))
        #expect(await harness.run(["__complete", "invite", ""]).stdout.contains("psparty-user-b"))
    }
}
