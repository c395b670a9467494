import ArgumentParser
import PartyCore

struct Watch: ShellCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show who is in the party, live.",
        discussion: """
            Without a party it shows the one that was entered last, and waits where there is none. Without a terminal, or \
            with --json, it prints the party and its events as `listen` does. With --recording it shows what `listen --record` \
            wrote, without any network, and stays at its end until Ctrl-C.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party: PartyArgument?

    @OptionGroup var feed: FeedOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("Stop after this long.", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(help: ArgumentHelp("Show a recording; - for standard input.", valueName: "file"), completion: .file())
    var recording: String?

    @Option(
        help: ArgumentHelp("A recording: so many times as fast as it was; max: without pauses.", valueName: "n|max"))
    var speed: ReplaySpeed?

    var showsProgress: Bool { false }

    func validate() throws {
        guard speed == nil || recording != nil else { throw ValidationError("--speed goes with --recording") }
        guard recording != "-" || party != .standardInput else {
            throw ValidationError("standard input cannot be both the recording and a party")
        }
    }

    func execute(in shell: Shell) async throws(PartyError) {
        if let recording { return try await RecordedWatch(self, recording).run(in: shell) }
        guard let screen = shell.screen, !global.json, shell.variables["TERM"] != "dumb" else {
            return try await list(in: try CommandContext(options: global, shell: shell))
        }
        let notes = NoteBook()
        defer { for note in notes.all { shell.console.complain(note) } }
        let context = try CommandContext(options: global, shell: notes.covering(shell))
        let client = context.client
        var board = RosterBoard(wanted: try await wanted(in: context), me: try await client.accessToken().accountID)
        let question = board.question
        if let question {
            board.take(try await client.party(question.party), for: question, at: context.clock.now())
        }
        let show = RosterShow(board, on: screen, in: context, notes, isRecording: false)
        let watch = RosterWatch(context: context, show: show, asked: question, timeout: timeout?.duration)
        var environment = context.environment
        environment.heard = { [heard = environment.heard] in
            heard?()
            show.heard()
        }
        try await watch.run(PartyFeed(environment, feed.awaited).run)
    }

    /// `nil` for whichever is current at the time.
    private func wanted(in context: CommandContext) async throws(PartyError) -> PartyID? {
        guard let party, party != .current else { return nil }
        return try await context.client.resolve(try await context.partyReference(party))
    }

    private func list(in context: CommandContext) async throws(PartyError) {
        var filter = EventFilter(showsSnapshot: true)
        filter.me = try await context.client.accessToken().accountID
        if let party, party != .current {
            filter.parties = [try await context.client.existingParty(try await context.partyReference(party))]
        }
        let manner = EventPrinter.Manner(form: global.json ? .json : .text, filter: filter, style: context.style)
        try await StreamRun(context, manner).print(
            PartyFeed(context.environment, feed.awaited).run, for: timeout?.duration)
    }
}
