import Testing

@testable import psparty

/// What people are told whose words are wrong.
@Suite struct UsageTests {
    @Test(arguments: [
        ("create --max-members -3", "--max-members takes 2 to 16"),
        ("edit --max-members -3", "--max-members takes 2 to 16"),
        ("listen --count -1", "--count takes 1 or more"), ("listen --timeout -5s", "The value '-5s' is invalid"),
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
        (["frob"], "see `psparty help` and `psparty COMMAND --help`"),
        (["create", "--max-members", "x"], "see `psparty help` and `psparty COMMAND --help`"),
    ])
    func `a value that is refused comes with what it should look like`(arguments: [String], hint: String) async {
        let result = await CommandHarness().run(arguments)
        #expect(result.status == 64)
        #expect(result.stderr.hasSuffix("\nhint: \(hint)\n"))
    }
}
