import Foundation
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// The errors of wrong arguments.
@Suite struct UsageTests {
    @Test(arguments: ["join", "join current --from me", "join current --from 1 --from 2 --wait"])
    func `join takes either a party or users`(line: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stderr.hasPrefix("psparty: give either a party or --from USER\n"), "\(result.stderr)")
    }

    @Test(arguments: [
        ("create --max-members -3", "--max-members must be 2 to 16"),
        ("edit --max-members -3", "--max-members must be 2 to 16"),
        ("listen --count -1", "--count must be 1 or more"), ("listen --timeout -5s", "The value '-5s' is invalid"),
        ("watch --timeout -5", "The value '-5' is invalid"), ("listen --max-reconnect -2", "The value '-2' is invalid"),
        ("join --from me --wait --timeout -1", "The value '-1' is invalid"),
    ])
    func `a negative number is a wrong value, not a missing one`(line: String, words: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stderr.hasPrefix("psparty: " + words))
    }

    @Test(arguments: [
        (["show", "11111111-2222-4333-8444-55555555555"], PartyArgument.forms),
        (["listen", "--party", "https://party.example/x"], PartyArgument.forms),
        (["invite", "me", "--party", ""], PartyArgument.forms),
        (["join", "--from", "18446744073709551616"], UserArgument.forms),
        (["listen", "--timeout", "soon"], DurationArgument.forms),
        (["watch", "--timeout", ""], DurationArgument.forms),
        (["listen", "--max-frame", "9g"], SizeArgument.forms),
        (["listen", "--max-reconnect", "0"], ReconnectLimit.forms),
        (["create", "--listen", "--max-reconnect", "x"], ReconnectLimit.forms),
        (["replay", "x", "--speed", "0"], ReplaySpeed.forms),
        (["create", "--max-members", "x"], WholeNumber.forms), (["listen", "--count", "1.5"], WholeNumber.forms),
        (["listen", "--max-frame", "99999999g"], SizeArgument.forms),
    ])
    func `a refused value is reported with the expected form`(arguments: [String], hint: String) async {
        let result = await CommandHarness().run(arguments)
        #expect(result.status == 64)
        #expect(result.stderr.hasSuffix("\nhint: \(hint)\n"))
    }

    @Test(arguments: [
        ("frob", "frob", "see `psparty help`"), ("help nosuch", "nosuch", "see `psparty help`"),
        ("crate", "crate", "did you mean create?"), ("--json lst", "lst", "did you mean list?"),
        ("voice statsu", "statsu", "did you mean status?"), ("help config ge", "ge", "did you mean get?"),
    ])
    func `an unknown command is reported as one`(line: String, word: String, hint: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stdout.isEmpty)
        #expect(result.stderr.contains("unknown command \(word)"), "\(result.stderr)")
        #expect(result.stderr.contains(hint), "\(result.stderr)")
    }

    @Test(arguments: [
        ("create --max-members 99999999999999999999", "--max-members must be 2 to 16"),
        ("edit --max-members -99999999999999999999", "--max-members must be 2 to 16"),
        ("listen --count -99999999999999999999", "--count must be 1 or more"),
        ("replay x --from-seq -99999999999999999999", "--from-seq must be 1 or more"),
        ("join --from me --wait", "--from me cannot match: you cannot invite yourself"),
        ("join --from bob --from ME", "--from me cannot match: you cannot invite yourself"),
    ])
    func `an impossible value is refused with the reason`(line: String, words: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stderr.hasPrefix("psparty: \(words)\n"), "\(result.stderr)")
    }

    @Test(arguments: [
        ("s3cret", "header 2 has no colon; write it like 'Name: value'"),
        ("X y: s3cret", "header 2 has no valid name before its colon; write it like 'Name: value'"),
        (": s3cret", "header 2 has no valid name before its colon; write it like 'Name: value'"),
        ("s3crét: x", "header 2 has no valid name before its colon; write it like 'Name: value'"),
        ("X-A: s3cret\u{7}", "the value of the header X-A contains a control character"),
        ("X-A: s3cret\nX-B: y", "the value of the header X-A contains a control character"),
        ("authorization: Bearer s3cret", "the header authorization is set by psparty"),
    ])
    func `the error of a header has its name and the reason, never its value`(
        header: String, words: String
    ) async {
        let harness = CommandHarness()
        for option in ["-H", "--header"] {
            let result = await harness.run("api", "GET", "/x", "-H", "X-Fine: s3cret", option, header)
            #expect(result.status == 64)
            let usage = "usage: psparty api GET|POST|PUT|PATCH|DELETE PATH [options]"
            #expect(result.stderr == "psparty: \(words)\n\(usage)\nhint: see `psparty api --help`\n")
        }
        #expect(await harness.world.service.requests().isEmpty)
    }

    @Test func `an error does not repeat a secret from an argument`() async {
        let npsso = String(repeating: "Ab3zQ9xY", count: 8)
        let result = await CommandHarness().run(["login", npsso])
        #expect(result.status == 64)
        #expect(!result.stderr.contains(npsso))
        #expect(result.stderr.contains("<redacted>"))
    }

    @Test func `a second party on standard input is refused`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let created = await harness.run(["create"])
        let id = created.stdout.trimmingCharacters(in: .newlines)
        let refused = await harness.run(["leave", "-"], input: [id, "", id])
        #expect(refused.status == 65)
        #expect(refused.stderr.contains("more than one party"))
        let done = await harness.run(["leave", "-"], input: [id, "  "])
        #expect(done.status == 0, "\(done.stderr)")
    }

    @Test func `a list that may be incomplete says so`() async {
        let harness = CommandHarness()
        await harness.signIn()
        for _ in 0..<10 { _ = await harness.run(["create"]) }
        let short = await harness.run(["list"])
        #expect(!short.stderr.contains("there may be more"))
        _ = await harness.run(["create"])
        let full = await harness.run(["list"])
        #expect(full.status == 0)
        #expect(full.stderr.contains("there may be more"))
    }
}
