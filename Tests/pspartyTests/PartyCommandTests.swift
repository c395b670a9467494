import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite struct PartyCommandTests {
    @Test func `create prints the id, which becomes current`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let created = await harness.run("create")
        #expect(created.status == 0)
        #expect(created.stderr.isEmpty)
        #expect(isUUID(created.stdout.dropLast()))
        #expect(await harness.run("show", "--json").stdout.contains(created.stdout.dropLast()))
    }

    @Test func `create makes one request, of the captured shape`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        await harness.world.service.clearRequests()
        _ = await harness.run("create", "--name", "Friday", "--visibility", "friends", "--max-members", "8", "--voice")
        let requests = await harness.world.service.requests()
        #expect(requests.map(\.method) == ["POST"])
        #expect(requests.first?.status == 201)
        let body = try #require(requests.first?.body)
        expectGolden(String(decoding: body, as: UTF8.self) + "\n", "create.request.json")
    }

    @Test(arguments: [("json", ["--json"], false), ("terminal", [], true), ("pipe", [], false)])
    func `show and list print text, a table and JSON`(form: String, options: [String], terminal: Bool) async {
        let harness = CommandHarness()
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        _ = await harness.run("create", "--name", "Friday night", "--voice")
        let id = await harness.run("show", "--json").partyID
        let joined = await harness.run("join", id, "--profile", "bob")
        #expect(joined == CommandResult(stdout: id + "\n", stderr: "", status: 0))
        let suffix = form == "json" ? "json" : "\(form).txt"
        let show = await harness.run(["show"] + options, terminal: terminal)
        // Times on a terminal are local, and the zone of the machine is not the test's.
        let times = #/(\d{4}-)?(\d\d-\d\d )?\d\d:\d\d:\d\d(?!\.)/#
        expectGolden(show.stdout.replacing(times, with: "<local time>"), "show.\(suffix)")
        let list = await harness.run(["list"] + options, terminal: terminal)
        expectGolden(list.stdout, "list.\(suffix)")
    }

    @Test func `create and join print the whole party as JSON`() async {
        let harness = CommandHarness()
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let created = await harness.run("create", "--json")
        expectGolden(created.stdout, "create.json")
        let joined = await harness.run("--profile", "bob", "--json", "join", created.partyID)
        expectGolden(joined.stdout, "join.json")
    }

    @Test func `join posts the captured body before it patches anything`() async throws {
        let harness = CommandHarness()
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let id = await harness.run("create").stdout.dropLast()
        await harness.world.service.clearRequests()
        #expect(await harness.run("join", String(id), "--profile", "bob").status == 0)
        let writes = await harness.world.service.requests().filter { $0.method != "GET" }
        #expect(writes.map(\.method) == ["POST", "PATCH"])
        #expect(writes.map(\.status) == [201, 204])
        expectGolden(String(decoding: writes[0].body, as: UTF8.self) + "\n", "join.request.json")
    }

    @Test func `joining again reports it and changes nothing`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let id = String(await harness.run("create").stdout.dropLast())
        await harness.world.service.clearRequests()
        let again = await harness.run("join", id)
        #expect(again == CommandResult(stdout: id + "\n", stderr: "already in the party\n", status: 0))
        #expect(await harness.world.service.requests().allSatisfy { $0.method == "GET" })
    }

    @Test func `leave clears the current party, and leaving again succeeds`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let id = await harness.run("create").stdout
        #expect(await harness.run("leave", "--json").stdout == "{\"id\":\"\(id.dropLast())\"}\n")
        #expect(await harness.run("leave").status == 3)
        let again = await harness.run("leave", String(id.dropLast()))
        #expect(again == CommandResult(stdout: id, stderr: "you are no longer in the party\n", status: 0))
    }

    @Test func `after leave the previous party is current again`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let first = await harness.run("create").stdout
        let second = await harness.run("create").stdout
        #expect(await harness.run("leave").stdout == second)
        #expect(await harness.run("leave").stdout == first)
        #expect(await harness.run("leave").status == 3)
    }

    @Test func `a party is read from standard input`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let id = await harness.run("create").stdout
        #expect(await harness.run("leave", "-", input: ["  " + String(id.dropLast()) + "\r"]).stdout == id)
        #expect(await harness.run("leave", "-", input: []).status == 65)
        #expect(await harness.run("leave", "-", input: ["nonsense"]).status == 65)
    }

    @Test func `control characters in names are made visible as text and kept in JSON`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let name = "Fri\u{1B}[31mday\u{202E}\r\n\u{7}"
        _ = await harness.run("create", "--name", name)
        for terminal in [true, false] {
            let shown = await harness.run("show", terminal: terminal, variables: ["NO_COLOR": "1"]).stdout
            #expect(shown.contains("Fri\\u{1b}[31mday\\u{202e}\\u{d}\\u{a}\\u{7}"))
            #expect(!shown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
            #expect(!shown.contains("\u{202E}"))
        }
        let json = await harness.run("show", "--json").stdout
        #expect(json.contains(#""name":"Fri\u001b[31mday"# + "\u{202E}" + #"\r\n\u0007""#))
    }
}

extension CommandResult {
    /// The id in a party's JSON.
    var partyID: String {
        String(stdout.dropFirst("{\"id\":\"".count).prefix(36))
    }
}
