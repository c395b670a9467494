import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite struct SettingsCommandTests {
    @Test func `edit sends one PATCH for each property and prints the result`() async {
        let harness = CommandHarness()
        await harness.signIn()
        _ = await harness.run("create")
        await harness.world.service.clearRequests()
        let result = await harness.run(
            "edit", "--name", "New", "--visibility", "friends", "--max-members", "4", "--json")
        #expect(result.status == 0)
        expectGolden(result.stdout, "edit.json")
        let bodies = await harness.world.service.requests().filter { $0.method == "PATCH" }.map(\.body)
        #expect(
            bodies.map { String(decoding: $0, as: UTF8.self) } == [
                #"{"sessionName":"New"}"#, #"{"visibilityType":"FRIENDS_ONLY"}"#, #"{"joinableUserType":"FRIENDS"}"#,
                #"{"maxMembers":4}"#,
            ])
    }

    @Test func `edit names the changes that were made before a refused one`() async {
        let harness = CommandHarness()
        await harness.signIn()
        _ = await harness.run("create")
        let refusal = Fault(
            match: .init(method: "PATCH", skip: 1, times: nil), action: .status(SimulatedResponse(status: 400)))
        await harness.world.service.add(refusal)
        let result = await harness.run("edit", "--name", "New", "--max-members", "4")
        #expect(result.status == 1)
        #expect(result.stdout.isEmpty)
        #expect(
            result.stderr.contains(
                "max-members: edit refused: the service does not accept the request (already changed: name) (HTTP 400)")
        )
        #expect(await harness.run("edit").status == 64)
    }

    @Test func `link prints a link that join accepts`() async {
        let harness = CommandHarness()
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let id = await harness.run("create").stdout
        let link = await harness.run("link")
        #expect(link.stdout.hasPrefix("https://party.playstation.com/"))
        #expect(await harness.run("link", "--json").stdout == "{\"url\":\"\(link.stdout.dropLast())\"}\n")
        #expect(await harness.run("join", String(link.stdout.dropLast()), "--profile", "bob").stdout == id)
    }

    @Test(arguments: [("json", ["--json"]), ("txt", []), ("online.txt", ["--online"])])
    func `friends prints presence`(form: String, options: [String]) async {
        let harness = CommandHarness()
        await harness.signIn()
        expectGolden(await harness.run(["friends"] + options).stdout, "friends.\(form)")
    }

    @Test func `api sends the given request with a token and prints the body unchanged`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let id = String(await harness.run("create").stdout.dropLast())
        await harness.world.service.clearRequests()
        let path = "/api/sessionManager/v2/partySessions/\(id)"
        let header = "X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE: en-US"
        let patched = await harness.run(
            "api", "patch", path, "--data", "-", "--header", header, input: [#"{"sessionName":"#, #""a\nb"}"#])
        #expect(patched == CommandResult(stdout: "", stderr: "", status: 0))
        let sent = try #require(await harness.world.service.requests().first)
        #expect(sent.method == "PATCH")
        #expect(String(decoding: sent.body, as: UTF8.self) == "{\"sessionName\":\n\"a\\nb\"}")
        let shown = await harness.run(
            "api", "GET", "/api/sessionManager/v2/partySessions?view=v3", "-H",
            "X-PSN-SESSION-MANAGER-SESSION-IDS: \(id)")
        #expect(shown.stdout.contains(#""sessionName":"a\nb""#))
    }

    @Test(arguments: [
        ("https://evil.example/x", "is not a path of the service"),
        ("//evil.example/x", "is not a path of the service"),
        ("api/x", "is not a path of the service"), ("/../../x y", "contains a space"), ("/a b", "contains a space"),
        ("/a\u{7}", "contains a control character"), ("/é", "contains a character outside of ASCII"),
        ("/a#b", "contains a #"), (InProcessTransport.origin + ".evil.example/x", "is not a path of the service"),
        (InProcessTransport.origin + "@evil.example/x", "is not a path of the service"),
    ])
    func `api sends the token to no other host, and a path only as the wire takes it`(
        path: String, words: String
    ) async {
        let harness = CommandHarness()
        await harness.signIn()
        await harness.world.service.clearRequests()
        let result = await harness.run("api", "GET", path)
        #expect(result.status == 64)
        #expect(result.stderr.contains(words), "\(result.stderr)")
        #expect(await harness.world.service.requests().isEmpty)
    }
}
