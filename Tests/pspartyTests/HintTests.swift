import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// A command that a hint names acts for the profile of the run.
@Suite struct HintTests {
    private static let party = PartyID("11111111-2222-4333-8444-555555555555")
    private static let origin = ServiceOrigin("https://192.0.2.1") ?? .realService
    private static let remedies: [Remedy] = [
        .signIn, .signInAgain, .signInForPush, .restartSignIn, .replaceSignIn, .signOut(at: origin), .listParties,
        .createParty, .joinParty(party), .leaveParty(party), .showParty(party), .openVoice, .stopVoice,
        .releaseVoice, .takeDownVoice,
    ]

    @Test(arguments: remedies) func `every remedy names the profile in its command`(remedy: Remedy) throws {
        let plain = remedy.words(Invocation(profile: nil, server: nil))
        let named = remedy.words(Invocation(profile: "bob", server: nil))
        let command = try #require(plain.split(separator: "`").dropFirst().first)
        #expect(plain.split(separator: "`").filter { $0.hasPrefix("psparty ") } == [command])
        #expect(command.hasPrefix("psparty ") && !command.contains("--profile"))
        let base = command.prefix { $0 != "-" }
        #expect(named.contains("`\(base)") && named.contains(" --profile bob"))
        #expect(!named.contains("`\(command)`"))
    }

    @Test func `hints about settings name their variables and options`() {
        let missing = MissingIssuer(name: "CN = x", addresses: ["http://a.example/x", "http://b.example/x"], key: "0")
        let expected: [(Remedy, String)] = [
            (.configureClient, "PSPARTY_CLIENT_ID"), (.checkClient, "PSPARTY_CLIENT_SECRET"),
            (.useOneServer, "--server"),
            (.renewAccessToken, "PSPARTY_ACCESS_TOKEN has expired"),
            (.correctAccessToken, "set PSPARTY_ACCESS_TOKEN to"),
            (.correctTrustFile, "PSPARTY_CA_FILE"), (.trustServer, "server's certificate authority"),
            (.trustProxy, "proxy's certificate authority"),
            (.trustIssuer(missing), "(it should be at http://a.example/x)"),
            (.takeOverVoice, "--take-over"), (.separateEngineWords, "after --"), (.beginAgain, "run the command again"),
            (.checkClientRegistration, "client-id, redirect-uri"), (.raiseLimit, "`ulimit -a`"),
        ]
        for (remedy, part) in expected {
            #expect(remedy.words(Invocation(profile: nil, server: nil)).contains(part))
        }
    }

    @Test func `a name that starts with a dash, or an odd id, stays one shell word`() {
        let odd = Invocation(profile: "-x", server: nil)
        #expect(Remedy.signIn.words(odd) == "sign in with `psparty login --profile=-x`")
        let words = Remedy.joinParty(PartyID("it's $(x)")).words(odd)
        #expect(words == "join it with `psparty join 'it'\\''s $(x)' --profile=-x`")
        let server = Invocation(profile: "bob", server: "https://[::1]:8443")
        #expect(server.command("login") == "psparty login --profile bob --server 'https://[::1]:8443'")
    }

    @Test(
        arguments: [
            ([], true), ([("X-Psn-Request-Id", "r")], true), ([("Server", "AkamaiGHost")], false),
            ([("Server", "cloudflare")], false),
        ] as [([(String, String)], Bool)])
    func `a refused push upgrade is explained by its status`(headers: [(String, String)], isOfToken: Bool) async {
        var scenario = Scenario()
        let answer = SimulatedResponse(status: 403, headers: headers.map { (name: $0.0, value: $0.1) })
        scenario.faults = [Fault(match: .init(path: "/np/pushNotification", times: nil), action: .status(answer))]
        let harness = CommandHarness(scenario)
        await harness.signIn()
        let result = await harness.run("listen", "--no-reconnect")
        #expect(result.status == (isOfToken ? 5 : 7), "\(result.stderr)")
        #expect(result.stderr.contains("device id") == isOfToken, "\(result.stderr)")
    }

    private static let nowhere = "11111111-2222-4333-8444-555555555555"

    @Test(arguments: [
        ["whoami"], ["token"], ["friends"], ["list"], ["show"], ["create"], ["join", nowhere], ["leave", nowhere],
        ["listen"], ["invitations"], ["voice", "offer"], ["voice", "stop"], ["watch"], ["api", "GET", "/x"],
    ])
    func `each command without a sign-in names the profile to sign in`(words: [String]) async {
        let harness = CommandHarness()
        let terminal = words == ["watch"]
        for named in [words + ["--profile", "nobody"], ["--profile=nobody"] + words] {
            let result = await harness.run(named, terminal: terminal)
            #expect(result.status == 4, "\(result.stderr)")
            #expect(result.stderr.contains("hint: sign in with `psparty login --profile nobody`\n"), "\(result.stderr)")
        }
        let variable = await harness.run(words, terminal: terminal, variables: ["PSPARTY_PROFILE": "nobody"])
        #expect(variable.stderr.contains("`psparty login --profile nobody`"))
        let standard = await harness.run(words, terminal: terminal)
        #expect(standard.stderr.contains("hint: sign in with `psparty login`\n"))
        // Without the option it would be the variable's profile.
        let hidden = await harness.run(
            words + ["--profile", "default"], terminal: terminal, variables: ["PSPARTY_PROFILE": "nobody"])
        #expect(hidden.stderr.contains("`psparty login --profile default`"))
        let json = await harness.run(words + ["--profile", "nobody", "--json"], terminal: terminal)
        #expect(json.stderr.contains(#""hint":"sign in with `psparty login --profile nobody`""#))
        #expect(await !harness.run(words + ["-q", "--profile", "nobody"], terminal: terminal).stderr.contains("hint"))
    }

    @Test func `all other hints name the profile too, and the server of an option`() async {
        let harness = CommandHarness()
        await harness.signIn(0, profile: "bob")
        await harness.signIn(1)
        func hint(_ words: String...) async -> String {
            await harness.run(words + ["--profile", "bob"]).stderr
        }
        #expect(await hint("show").contains("`psparty create --profile bob`"))
        #expect(await hint("voice", "answer", "--sdp", "-").contains("`psparty") == false)
        #expect(await hint("config", "get", "ca-file").contains("`psparty config set ca-file … --profile bob`"))
        #expect(
            await hint("logout", "--server", "https://192.0.2.1").contains(
                "`psparty logout --profile bob --server https://simulator.test`"))
        #expect(
            await hint("friends", "--server", "https://192.0.2.1").contains(
                "`psparty login --replace --profile bob --server https://192.0.2.1`"))
        await harness.world.service.killRefreshTokens()
        harness.world.clock.advance(by: .seconds(3600))
        #expect(await hint("token").contains("sign in again with `psparty login --profile bob`"))
        #expect(await hint("list").contains("sign in again with `psparty login --profile bob`"))
    }

    @Test func `a dry run's curl gets its token from the same profile and server`() async {
        let harness = CommandHarness()
        await harness.signIn(0, profile: "bob")
        let text = await harness.run(
            "leave", Self.nowhere, "--dry-run", "--profile", "bob", "--server", InProcessTransport.origin
        ).stdout
        #expect(text.contains("Bearer $(psparty token --profile bob --server https://simulator.test)"), "\(text)")
    }
}
