import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// Each kind of failure that scripts distinguish: exit status, code and remaining state.
@Suite struct FailureTests {
    struct Provocation: Sendable, CustomTestStringConvertible {
        var name: String
        var arguments: [String]
        var fault: Fault?
        var scenario = Scenario()
        var status: Int32
        var code: String
        /// How many times the request is sent.
        var sent: Int?

        var testDescription: String { name }
    }

    private static func status(
        _ status: Int, _ path: String, times: Int? = nil, headers: [(name: String, value: String)] = []
    ) -> Fault {
        let body = Array(#"{"error":{"referenceId":"r-1","code":1,"message":"no"}}"#.utf8)
        let response = SimulatedResponse(status: status, headers: headers, body: body)
        return Fault(match: .init(path: path, times: times), action: .status(response))
    }

    private static let sessions = "/api/sessionManager/v2/partySessions"
    private static let unknown = "99999999-2222-4333-8444-555555555555"

    static let provocations: [Provocation] = [
        Provocation(
            name: "refused", arguments: ["create"], fault: status(400, sessions), status: 1, code: "refused", sent: 1),
        Provocation(name: "no such party", arguments: ["show", unknown], status: 3, code: "not_found", sent: 1),
        Provocation(
            name: "no such link", arguments: ["show", "https://party.playstation.com/-aaaaaaaaaaaaaaaaaaaaa"],
            status: 3,
            code: "not_found", sent: 1),
        Provocation(name: "no current party", arguments: ["show"], status: 3, code: "not_found", sent: 0),
        Provocation(
            name: "token refused for good", arguments: ["create"], fault: status(401, sessions), status: 4,
            code: "sign_in", sent: 2),
        Provocation(
            name: "not allowed", arguments: ["join", unknown], fault: status(403, sessions + "/"), status: 5,
            code: "forbidden", sent: 1),
        Provocation(
            name: "conflict", arguments: ["create"], fault: status(409, sessions), status: 6, code: "conflict", sent: 1),
        Provocation(
            name: "too many requests, a POST", arguments: ["create"], fault: status(429, sessions), status: 6,
            code: "rate_limited", sent: 1),
        Provocation(
            name: "too many requests, a GET",
            arguments: ["show", unknown], fault: status(429, sessions, headers: [("Retry-After", "2")]), status: 6,
            code: "rate_limited", sent: 3),
        Provocation(
            name: "broken service, a GET", arguments: ["show", unknown], fault: status(503, sessions), status: 7,
            code: "unreachable", sent: 3),
        Provocation(
            name: "broken service, a POST", arguments: ["create"], fault: status(500, sessions), status: 7,
            code: "unreachable", sent: 1),
        Provocation(
            name: "broken service, a DELETE", arguments: ["leave", unknown], fault: status(502, sessions), status: 7,
            code: "unreachable", sent: 3),
        Provocation(
            name: "connection reset", arguments: ["create"],
            fault: Fault(match: .init(path: sessions, times: nil), action: .reset), status: 7, code: "unreachable",
            sent: 1),
        Provocation(
            name: "no answer", arguments: ["show", unknown],
            fault: Fault(match: .init(path: sessions, times: nil), action: .drop), status: 7, code: "unreachable",
            sent: 3),
        Provocation(
            name: "wrong JSON", arguments: ["list"],
            fault: Fault(match: .init(path: "bulkGet", times: nil), action: .wrongJSON), status: 7, code: "protocol"),
    ]

    @Test(arguments: provocations) func `a failure has its status, its code and its number of requests`(
        _ provocation: Provocation
    ) async throws {
        let harness = CommandHarness(provocation.scenario)
        await harness.signIn()
        if let fault = provocation.fault { await harness.world.service.add(fault) }
        await harness.world.service.clearRequests()
        let text = await harness.run(provocation.arguments)
        #expect(text.status == provocation.status)
        #expect(text.stdout.isEmpty)
        #expect(text.stderr.hasPrefix("psparty: "))
        if let sent = provocation.sent {
            // `join` looks first whether we are in already; a refused token is refreshed; a lost POST is read back.
            let struck = await harness.world.service.requests().filter { request in
                !request.target.contains("/oauth/") && !request.target.contains("bulkGet")
                    && (provocation.arguments[0] != "join" || request.method == "POST")
            }
            #expect(struck.count == sent)
        }
        let json = await harness.run(provocation.arguments + ["--json"])
        #expect(json.status == provocation.status)
        #expect(json.stderr.hasPrefix("{\"error\":{\"code\":\"\(provocation.code)\",\"message\":\""))
        for key in ["step", "status", "requestId", "hint"] { #expect(json.stderr.contains("\"\(key)\":")) }
        #expect(json.stderr.hasSuffix("}}\n"))
    }

    @Test func `a failure names status and request, and an error of the service its own words`() async {
        let harness = CommandHarness()
        await harness.signIn()
        await harness.world.service.add(Self.status(409, Self.sessions))
        let result = await harness.run("create")
        #expect(
            result.stderr
                == "psparty: create refused: it conflicts with the present state, or a limit is reached [no] "
                + "(HTTP 409, request r-1)\n")
    }

    @Test func `a long wait before the next attempt is reported`() async {
        let harness = CommandHarness()
        await harness.signIn()
        await harness.world.service.add(Self.status(429, "partySessions?", times: 1))
        let result = await harness.run("show", Self.unknown)
        #expect(result.stderr.hasPrefix("psparty: look-up: trying again in 60 s\n"))
    }

    @Test func `a command without a sign-in says how to get one`() async {
        let result = await CommandHarness().run("create")
        #expect(result.status == 4)
        #expect(result.stderr.contains("hint: sign in with `psparty login`"))
    }

    @Test func `an invite-only party refuses a user without an invitation`() async {
        var scenario = Scenario()
        scenario.inviteOnlyEnforced = true
        let harness = CommandHarness(scenario)
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let id = String(await harness.run("create").stdout.dropLast())
        #expect(await harness.run("join", id, "--profile", "bob").status == 5)
    }

    @Test(arguments: [
        ["nonsense"], ["create", "--max-members", "17"], ["create", "--max-members", "x"], ["join"],
        ["join", "not-a-party"], ["join", ""], ["show", "11111111-2222-4333-8444-55555555555"], ["create", "surplus"],
        ["listen", "--count", "0"], ["listen", "--timeout", "soon"], ["listen", "--type", "no.such"],
        ["listen", "--type", "stream.*"], ["listen", "--max-frame", "0"], ["listen", "--from", "no spaces allowed"],
        ["create", "--max-members", "99999999999999999999"], ["listen", "--max-frame", "-1"],
        ["listen", "--no-reconnect", "--max-reconnect", "3"], ["login", "--npsso", "-", "--code", "-"],
    ])
    func `wrong usage is reported before a request is sent`(arguments: [String]) async {
        let harness = CommandHarness()
        let result = await harness.run(arguments)
        #expect(result.status == 64)
        #expect(result.stdout.isEmpty)
        #expect(result.stderr.hasPrefix("psparty: "))
        #expect(await harness.world.service.requests().isEmpty)
    }

    @Test(arguments: [
        ("http://192.0.2.1:80", "plain"), ("ftp://127.0.0.1", "origin"), ("https://", "origin"),
        ("https://127.0.0.1/path", "origin"), ("nonsense", "origin"),
    ])
    func `a server that cannot be used is a bad configuration`(server: String, word: String) async {
        let harness = CommandHarness()
        await harness.signIn()
        let result = await harness.run(
            "show", Self.unknown, "--server", server,
            transport: LiveTransport(LiveTransportOptions(caFile: nil, environment: [:], userAgent: "test")))
        #expect(result.status == 78)
        #expect(result.stderr.contains(word))
    }

    @Test func `a message quotes only the start of a wrong value`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let long = String(repeating: "a\u{1B}", count: 50_000)
        for result in [
            await harness.run("show", "-", input: [long]), await harness.run("show", long),
            await harness.run("whoami", "--profile", long), await harness.run("whoami", "--server", long),
            await harness.run("invite", long),
        ] {
            #expect(result.status >= 64)
            #expect(result.stderr.utf8.count < 4000)
        }
        let broken = await harness.run("show", "a\nb")
        #expect(broken.stderr.hasPrefix("psparty: The value 'a\\u{a}b' is invalid"))
    }

    @Test func `a profile name that is no file name is a bad configuration`() async {
        for name in ["", "../x", ".hidden", "a b", "a/b", String(repeating: "x", count: 65)] {
            #expect(await CommandHarness().run("whoami", "--profile", name).status == 78)
        }
    }

    @Test func `without an OAuth client a login says which variables are missing`() async {
        let result = await CommandHarness().run(
            "login", "--npsso", "-", input: [String(repeating: "z", count: 64)], variables: ["PSPARTY_CLIENT_ID": ""])
        #expect(result.status == 78)
        #expect(result.stderr.contains("PSPARTY_CLIENT_ID"))
    }

    @Test func `a state folder that cannot be written is reported, and nothing is lost`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let before = harness.store().items
        harness.store().failSaves(with: StoreError(.unwritable, "cannot write x: No space left on device"))
        harness.world.clock.advance(by: .seconds(3600))
        let result = await harness.run("token")
        #expect(result.status == 70)
        #expect(result.stderr.contains("No space left"))
        #expect(harness.store().items == before)
        // The grant was not used, because the new one could not have been saved.
        harness.store().failSaves(with: nil)
        #expect(await harness.run("token").status == 0)
    }

    @Test func `on a full disk a token that is still valid is used`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let token = await harness.run("token")
        harness.store().failSaves(with: StoreError(.unwritable, "cannot write x: No space left on device"))
        harness.world.clock.advance(by: .seconds(3500))
        #expect(await harness.run("token") == token)
    }

    @Test func `an unwritable standard output is a failure, a closed pipe is none`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let full = await harness.run("whoami", writeError: .failed("No space left on device"))
        #expect(full.status == 70)
        #expect(full.stderr.contains("No space left"))
        #expect(await harness.run("whoami", writeError: .readerLeft).status == 0)
        let dryRunPrinter = await harness.run("create", "--dry-run", writeError: .failed("No space left on device"))
        #expect(dryRunPrinter.status == 70)
        #expect(await harness.run("create", "--dry-run", writeError: .readerLeft).status == 0)
    }

    @Test(arguments: [(2, 130), (15, 143)])
    func `a signal ends a waiting command with its own status`(signal: Int32, status: Int32) async {
        let harness = CommandHarness(clock: ManualClock())
        await harness.signIn()
        await harness.world.service.add(Self.status(503, Self.sessions))
        let (signals, post) = AsyncStream<Int32>.makeStream()
        let clock = harness.world.clock
        Task {
            await clock.sleepers(1)
            post.yield(signal)
        }
        let result = await harness.run(
            "show", Self.unknown, interrupts: Interrupts(signals: signals, stop: { post.finish() }))
        #expect(result == CommandResult(stdout: "", stderr: "", status: status))
    }
}
