import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// A command that has changed something names it on standard error if its result cannot be printed.
struct EffectTests {
    private static func host() async -> (CommandHarness, String) {
        let harness = CommandHarness()
        await harness.signIn()
        let id = await harness.run("create").stdout.dropLast()
        return (harness, String(id))
    }

    /// Arguments, with PARTY for the party's id, and the expected text.
    static let deeds: [(words: String, effect: String)] = [
        ("join PARTY", "the party PARTY was joined"), ("join PARTY --json", "the party PARTY was joined"),
        ("leave", "the party PARTY was left"), ("invite psparty-user-b", "invited: psparty-user-b"),
        ("edit --name new --json", "changed in the party PARTY: name"),
        ("voice offer", "close it with `psparty voice stop`"),
        ("api PATCH /api/sessionManager/v2/partySessions/PARTY/members/me --data -", "the request was sent"),
        ("logout --json", "profile default is signed out"),
    ]

    @Test(arguments: deeds) func `the effect is reported if the result cannot be printed`(
        words: String, effect: String
    ) async {
        let (harness, id) = await Self.host()
        let result = await harness.run(
            words.replacing("PARTY", with: id).split(separator: " ").map(String.init),
            input: [#"{"voiceChatActivated":true}"#], writeError: .failed("No space left on device"))
        #expect(result.status == 70)
        #expect(result.stderr.contains("cannot write to standard output: No space left on device; "))
        #expect(result.stderr.contains(effect.replacing("PARTY", with: id)), "\(result.stderr)")
    }

    @Test(arguments: [(Console.WriteError.failed("full"), Int32(70)), (.readerLeft, 0)], [false, true])
    func `a created party is named`(ending: (Console.WriteError, Int32), isJSON: Bool) async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let words = ["create", "--quiet"] + (isJSON ? ["--json"] : [])
        let result = await harness.run(words, writeError: ending.0)
        #expect(result.status == ending.1)
        let party = try #require(try await harness.world.signedIn(0).parties().first)
        #expect(result.stderr.contains("the party \(party.id.text) was created"))
    }

    @Test func `users who were invited to a created party are named too`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let result = await harness.run("create", "--invite", "psparty-user-b", writeError: .failed("full"))
        #expect(result.stderr.contains(" was created; invited: psparty-user-b"))
    }

    @Test func `the account that signs in is named`() async {
        let harness = CommandHarness()
        let npsso = harness.world.service.accounts[0].npsso
        let result = await harness.run("login", "--npsso", "-", input: [npsso], writeError: .failed("full"))
        #expect(result.stderr.contains("; profile default is signed in as psparty-user-a"))
    }

    @Test func `a joined party is named even if it cannot be shown`() async {
        let (harness, id) = await Self.host()
        await harness.signIn(1, profile: "bob")
        await harness.world.service.add(
            Fault(
                match: .init(method: "GET", path: "/api/sessionManager/v2/partySessions?", skip: 1, times: nil),
                action: .status(SimulatedResponse(status: 503))))
        let result = await harness.run("join", id, "--json", "--profile", "bob")
        #expect(result.status == 7)
        #expect(result.stderr.contains("the party \(id) was joined"))
    }

    @Test func `a command that only reads names nothing`() async {
        let (harness, _) = await Self.host()
        let result = await harness.run("list", writeError: .failed("full"))
        #expect(result.stderr == "psparty: cannot write to standard output: full\n")
        #expect(await harness.run("list", writeError: .readerLeft).stderr.isEmpty)
    }

    @Test func `create --listen names the party that it does not leave`() async throws {
        for leaves in [true, false] {
            let harness = CommandHarness(clock: ManualClock())
            await harness.signIn()
            let words = ["create", "--listen", "--quiet"] + (leaves ? ["--leave"] : [])
            let result = await harness.run(words, writeError: .failed("full"))
            #expect(result.status == 70)
            #expect(result.stderr.contains("was created") == !leaves, "\(result.stderr)")
        }
    }
}
