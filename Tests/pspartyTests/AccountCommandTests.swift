import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite struct AccountCommandTests {
    @Test func `logout removes bridge tokens of the layout without account folders`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let ledger = #"{"legs":[],"bridgeToken":"secret"}"#
        try harness.store().save(.voice, Array(ledger.utf8))
        #expect(await harness.run("logout").status == 0)
        #expect(!harness.store().items.values.contains { String(decoding: $0, as: UTF8.self).contains("secret") })
    }

    @Test func `logout removes bridge tokens of earlier accounts and names open bridges`()
        async throws
    {
        let harness = CommandHarness()
        for account in 0...1 {
            await harness.signIn(account)
            let created = await harness.run("create")
            #expect(created.status == 0)
            #expect(await harness.run("voice", "offer").status == 0)
        }
        func holdsToken() -> Bool {
            harness.store().items.values.contains { String(decoding: $0, as: UTF8.self).contains(#""bridgeToken":""#) }
        }
        #expect(holdsToken())
        let result = await harness.run("logout")
        #expect(result.status == 0)
        #expect(
            result.stderr.split(separator: "\n").count { $0.contains("stays open until the service closes it") } == 2)
        #expect(!holdsToken())
        let numbers = harness.store().items.filter { $0.key.name == StoreItem.voice.name }.values
        #expect(
            numbers.count == 2 && numbers.allSatisfy { String(decoding: $0, as: UTF8.self).contains("lastSequence") })
    }

    @Test func `login with an NPSSO prints who signed in`() async {
        let harness = CommandHarness()
        let result = await harness.run("login", "--npsso", "-", input: [harness.world.service.accounts[0].npsso])
        #expect(result == CommandResult(stdout: "psparty-user-a\n", stderr: "", status: 0))
    }

    @Test func `login takes the JSON page of the NPSSO, and the variable in place of standard input`() async {
        let harness = CommandHarness()
        let npsso = harness.world.service.accounts[1].npsso
        let page = await harness.run("login", "--npsso", "-", input: ["{\"npsso\":\"\(npsso)\"}"])
        #expect(page.stdout == "psparty-user-b\n")
        let variable = await harness.run("login", "--profile", "two", variables: ["PSPARTY_NPSSO": npsso])
        #expect(variable == CommandResult(stdout: "psparty-user-b\n", stderr: "", status: 0))
    }

    @Test func `whoami and login share their JSON`() async {
        let harness = CommandHarness()
        let npsso = harness.world.service.accounts[0].npsso
        let login = await harness.run("login", "--npsso", "-", "--json", input: [npsso])
        expectGolden(login.stdout, "whoami.json")
        let whoami = await harness.run("whoami", "--json")
        #expect(whoami.stdout == login.stdout)
        #expect(await harness.run("whoami").stdout == "psparty-user-a\n")
    }

    @Test func `token prints the stored token while it is fresh, and a new one when it is not`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let first = await harness.run("token")
        expectGolden(first.stdout, "token.txt")
        #expect(await harness.run("token").stdout == first.stdout)
        harness.world.clock.advance(by: .seconds(3590))
        let second = await harness.run("token", "--json")
        #expect(second.status == 0)
        #expect(!second.stdout.contains(first.stdout.dropLast()))
        expectGolden(second.stdout, "token.json")
    }

    @Test func `logout forgets the tokens and keeps the device id`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let device = try harness.store().load(.device)
        #expect(await harness.run("logout") == CommandResult(stdout: "", stderr: "", status: 0))
        #expect(try harness.store().load(.credentials) == nil)
        #expect(try harness.store().load(.device) == device)
        #expect(device != nil)
        #expect(await harness.run("logout", "--json").stdout == "{\"profile\":\"default\"}\n")
        #expect(await harness.run("whoami").status == 4)
    }

    @Test func `login by browser prints the address and takes the redirect, once and with its own state`() async throws
    {
        let harness = CommandHarness()
        let begun = await harness.run("login", input: [])
        #expect(begun.status == 65)
        let address = try #require(begun.stderr.split(separator: "\n").first { $0.contains("/oauth/authorize?") })
        let redirect = try await harness.redirect(of: String(address))
        let foreign = redirect.replacing("state=", with: "state=x")
        for start in ["https://evil.example/", "com.scee.psxandroid.scecompcallx://redirect/", "?"] {
            let elsewhere = start + (redirect.split(separator: "?").last ?? "")
            let refused = await harness.run("login", "--code", "-", input: [elsewhere])
            #expect(refused.status == 65, "\(start)")
            #expect(refused.stderr.contains("starts with com.scee.psxandroid.scecompcall://redirect\n"))
        }
        let refused = await harness.run("login", "--code", "-", input: [foreign])
        #expect(refused.status == 4)
        #expect(refused.stderr.contains("another sign-in"))
        #expect(await harness.run("login", "--code", "-", input: [redirect]).stdout == "psparty-user-a\n")
        let again = await harness.run("login", "--code", "-", input: [redirect])
        #expect(again.status == 4)
        #expect(again.stderr.contains("already used"))
    }

    @Test func `an expired NPSSO and a broken one have different errors`() async {
        let harness = CommandHarness()
        let expired = await harness.run("login", "--npsso", "-", input: [String(repeating: "z", count: 64)])
        #expect(expired.status == 4)
        #expect(expired.stderr.contains("4165"))
        let broken = await harness.run("login", "--npsso", "-", input: ["too short"])
        #expect(broken.status == 65)
        #expect(broken.stderr.contains("64 characters"))
    }

    @Test func `a secret in an argument is refused`() async {
        let harness = CommandHarness()
        for option in ["--npsso", "--code"] {
            let result = await harness.run("login", option, String(repeating: "z", count: 64))
            #expect(result.status == 64)
            #expect(!result.stderr.contains("zzzz"))
        }
    }

    @Test func `concurrent tasks with an expired token send one refresh`() async throws {
        let world = TestWorld()
        let store = MemoryStore()
        let client = try await world.signedIn(0, store: store)
        let old = try await client.accessToken().accessToken
        world.clock.advance(by: .seconds(3600))
        await world.service.clearRequests()
        let tokens = try await withThrowingTaskGroup(of: Redacted<String>.self) { group in
            for _ in 0..<50 {
                group.addTask { try await PartyClient(world.environment(store: store)).accessToken().accessToken }
            }
            return try await group.reduce(into: Set<Redacted<String>>()) { $0.insert($1) }
        }
        #expect(tokens.count == 1)
        #expect(tokens.first != old)
        #expect(await world.service.requests().count == 1)
    }

    @Test(arguments: [429, 403, 503, 500])
    func `if a refresh fails for another reason than the grant, a valid token stays in use`(status: Int)
        async throws
    {
        let harness = CommandHarness()
        await harness.signIn()
        // Less than 300 s are left: a refresh is due, and the token is still valid.
        harness.world.clock.advance(by: .seconds(3400))
        let page = SimulatedResponse(
            status: status, headers: [("Content-Type", "text/html")], body: Array("<html>".utf8))
        await harness.world.service.add(
            Fault(match: .init(path: "/api/authz/v3/oauth/token", times: nil), action: .status(page)))
        #expect(await harness.run("token").status == 0)
    }

    @Test func `a network failure during a refresh keeps the tokens, a dead grant removes them`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        harness.world.clock.advance(by: .seconds(3600))
        let before = try harness.store().load(.credentials)
        let unavailable = Fault.Action.status(SimulatedResponse(status: 503))
        await harness.world.service.add(Fault(match: .init(path: "/api/authz/v3/oauth/token"), action: unavailable))
        #expect(await harness.run("token").status == 7)
        #expect(try harness.store().load(.credentials) == before)
        await harness.world.service.killRefreshTokens()
        let dead = await harness.run("token")
        #expect(dead.status == 4)
        #expect(dead.stderr.contains("psparty login"))
        let kept = String(decoding: try #require(try harness.store().load(.credentials)), as: UTF8.self)
        #expect(kept.contains(#""accessToken":"","refreshToken":null"#))
        await harness.world.service.clearRequests()
        for command in ["token", "list", "whoami"] {
            let next = await harness.run(command)
            #expect(next.status == 4)
            #expect(next.stderr.hasPrefix("psparty: the sign-in of profile default has expired or was revoked\n"))
        }
        #expect(await harness.world.service.requests().isEmpty)
        await harness.signIn()
        #expect(await harness.run("whoami").status == 0)
    }

    @Test func `the error of an ended sign-in names a lost response until a refresh succeeds`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let reset = Fault(match: .init(path: "/api/authz/v3/oauth/token"), action: .reset)
        let words = "the response to an earlier token refresh was lost, so the service may have withdrawn it"
        for isWithdrawn in [false, true] {
            harness.world.clock.advance(by: .seconds(3600))
            await harness.world.service.add(reset)
            #expect(await harness.run("token").status == 7)
            if isWithdrawn { await harness.world.service.killRefreshTokens() }
            let next = await harness.run("token")
            #expect(next.status == (isWithdrawn ? 4 : 0))
            #expect(next.stderr.contains(words) == isWithdrawn)
            let kept = String(decoding: try #require(try harness.store().load(.credentials)), as: UTF8.self)
            #expect(kept.contains("refreshUnanswered") == isWithdrawn)
        }
        #expect(await harness.run("whoami").stderr.contains(words))
    }
}

extension CommandHarness {
    /// The redirect that a signed-in browser would get.
    func redirect(of address: String) async throws -> String {
        let npsso = world.service.accounts[0].npsso
        let response = try await world.transport.send(
            RESTRequest(.get, address, headers: [HeaderField("Cookie", "npsso=\(npsso)")]))
        let location = try #require(response.header("Location"))
        let state = try #require(address.split(separator: "&").first { $0.hasPrefix("state=") })
        return location.contains("state=") ? location : location + "&" + state
    }
}
