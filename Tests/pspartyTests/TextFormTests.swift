import PartyCore
import PartySimulator
import Testing

@testable import psparty

/// Text on a terminal, where people read it.
@Suite struct TextFormTests {
    @Test(arguments: [
        (["list"], "you are in no party and can see none\n"), (["friends", "--online"], "no friend is online\n"),
        (["invitations"], "no invitation is pending\n"),
        (["voice", "status"], "this profile has no voice open\n"),
    ])
    func `an empty list says so on a terminal, and is silent in a pipe, with --json and with --quiet`(
        words: [String], notice: String
    ) async {
        let harness = CommandHarness()
        await harness.signIn()
        let shown = await harness.run(words, terminal: true)
        #expect(shown == CommandResult(stdout: "", stderr: notice, status: 0))
        #expect(await harness.run(words) == CommandResult(stdout: "", stderr: "", status: 0))
        for option in ["--json", "--quiet"] {
            #expect(await harness.run(words + [option], terminal: true).stderr.isEmpty)
        }
    }

    @Test func `an account without friends is told so`() async {
        var scenario = Scenario()
        scenario.accounts = 1
        let harness = CommandHarness(scenario)
        await harness.signIn()
        #expect(await harness.run("friends", terminal: true).stderr == "this account has no friends\n")
    }

    @Test func `list marks the current party and the others that the account is in`() async {
        let harness = CommandHarness()
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let first = await harness.run("create", "--profile", "bob", "--visibility", "friends").stdout.dropLast()
        let second = await harness.run("create").stdout.dropLast()
        let third = await harness.run("create", "--name", "Late").stdout.dropLast()
        let rows = await harness.run("list").stdout.split(separator: "\n")
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        func row(_ id: Substring) -> [String]? { rows.first { $0[0] == id } }
        #expect(row(first)?[2...] == ["psparty-user-b", "1/16", "friends", ""])
        #expect(row(second)?[2...] == ["psparty-user-a", "1/16", "invite-only", "joined"])
        #expect(row(third)?[1...] == ["Late", "psparty-user-a", "1/16", "invite-only", "current"])
        let json = await harness.run("list", "--json").stdout
        #expect(json.contains(#""joined":true,"current":true"#) && json.contains(#""joined":true,"current":false"#))
    }

    @Test func `times are local on a terminal, with the date of other days, and RFC 3339 elsewhere`() throws {
        var terminal = Style(true, .never, [:])
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        terminal.today = now
        let local = try #require(LocalTime(now))
        #expect(terminal.time(now) == local.time)
        let earlier = now.advanced(by: .seconds(-3 * 86_400))
        #expect(terminal.time(earlier).hasSuffix(LocalTime(earlier)?.time ?? "?"))
        #expect(terminal.time(earlier).split(separator: "-").count == 2)
        #expect(terminal.time(now.advanced(by: .seconds(-400 * 86_400))).hasPrefix("2022-"))
        #expect(Style(false, .never, [:]).time(now) == "2023-11-14T22:13:20.000Z")
    }

    @Test func `a table that is too wide gives each id a line of its own, before it cuts a name`() {
        let table = Table(
            header: ["ID", "NAME", "MEMBERS", ""], rows: [["11111111-2222", "a name of 18 cells", "2/16", "joined"]])
        #expect(
            table.text(Style(true, .never, [:], columns: 60))
                == "ID             NAME                MEMBERS\n11111111-2222  a name of 18 cells  2/16     joined\n")
        #expect(
            table.text(Style(true, .never, [:], columns: 40))
                == "ID\n  NAME                MEMBERS\n11111111-2222\n  a name of 18 cells  2/16     joined\n")
        #expect(
            table.text(Style(true, .never, [:], columns: 30))
                == "ID\n  NAME         MEMBERS\n11111111-2222\n  a name of …  2/16     joined\n")
        #expect(Table(header: ["ID"], rows: []).text(Style(true, .never, [:])).isEmpty)
    }

    @Test func `the end of the process that held the connection is one calm line`() {
        #expect(
            StreamLifecycle.holderEnded(123).words
                == "the process that held the connection (pid 123) ended; taking over")
        #expect(
            StreamLifecycle.holderEnded(nil).words == "the process that held the connection ended; taking over")
    }

    @Test func `a recording without events to print says so on a terminal`() async {
        let harness = CommandHarness()
        let head =
            #"{"recording":{"version":1,"accountId":"1000000000000000001","startedAt":"2023-11-14T22:13:20.000Z"}}"#
        let result = await harness.run("replay", "-", input: [head], terminal: true)
        #expect(result.status == 0 && result.stdout.isEmpty)
        #expect(result.stderr.split(separator: "\n").count == 1, "\(result.stderr)")
    }
}
