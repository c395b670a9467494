import ArgumentParser
import PartyCore
import PartyLive

struct Show: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a party's settings and who is in it.",
        discussion: """
            With --follow it prints who is in the party now and again after each change, until stopped: one online id a line, and \
            an empty line after each state; with --json one party document a line. `current` then follows the party that you are \
            in, and prints null (or only the empty line) while you are in none.
            """)

    static let examples = [
        Example("show the current party", "psparty show"),
        Example("print who is in it, one name a line", "psparty show --json | jq -r '.members[].onlineId'"),
        Example("keep a text file for OBS right", "psparty show --follow --write party.txt"),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party = PartyArgument.current

    @Flag(help: "Print the state again after each change, until stopped.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "With --follow: also keep this file up to date; with --json or a name in .json it is the party document.",
            valueName: "file"),
        completion: .file())
    var write: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("With --follow: stop after this long.", valueName: "duration"))
    var timeout: DurationArgument?

    @OptionGroup(title: "Connection options") var feed: FeedOptions

    var showsProgress: Bool { !follow }

    func validate() throws {
        if write?.isEmpty == true { throw ValidationError("--write needs a file name") }
        if write == "-" { throw ValidationError("--write needs a file name, not -; ./- is a file of that name") }
        let given = [
            ("--write", write != nil), ("--timeout", timeout != nil), ("--max-reconnect", feed.maxReconnect != nil),
            ("--no-reconnect", feed.noReconnect),
        ]
        if !follow, let first = given.first(where: \.1) { throw ValidationError("\(first.0) needs --follow") }
    }

    func execute(in context: CommandContext) async throws(PartyError) {
        guard follow else { return try context.render(try await report(in: context)) }
        let me = try await context.client.accessToken().accountID
        let followed = FollowedParty(wanted: try await wanted(in: context), me: me)
        let form: RosterForm = global.json ? .json : .names
        var file: (ReplacedFile, RosterForm)?
        if let write {
            let replaced = try ReplacedFile(write, random: context.environment.random)
            file = (replaced, write.hasSuffix(".json") ? .json : form)
        }
        let run = StreamRun(context)
        let roster = RosterFollow(followed, context, output: run, form: form, file: file)
        try await run.print(
            { [feed] receiver throws(PartyError) in try await roster.run(feed.awaited, receiver) },
            for: timeout?.duration)
    }

    /// The party to follow; `nil` for the one that this account is in.
    private func wanted(in context: CommandContext) async throws(PartyError) -> PartySession? {
        guard party != .current else { return nil }
        let reference = try await context.partyReference(party)
        guard reference != .current else { return nil }
        return try await context.client.party(try await context.client.resolve(reference))
    }

    func report(in context: CommandContext) async throws(PartyError) -> PartyReport {
        let client = context.client
        let id = try await client.resolve(try await context.partyReference(party))
        let found = try await client.party(id)
        return PartyReport(
            party: found, me: try await client.accessToken().accountID, current: try client.currentPartyIfAny(),
            form: .card)
    }
}
