import ArgumentParser
import PartyCore

struct Watch: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show who is in the party, live.",
        discussion: """
            It shows the members, the invitations to you, and a log of what happened; q quits, ? shows the keys. \
            Without PARTY it shows the party that you entered last, and waits for one if there is none. Without a terminal, or \
            with --json, it prints the party and its events as `listen` does. With --recording it shows a file of \
            `listen --record` without using the network, and at the end keeps the screen until you quit.
            """)

    static let examples = [
        Example("show the party you are in", "psparty watch"),
        Example("show a recording ten times as fast", "psparty watch --recording party.gz --speed 10"),
    ]

    static let statuses: [ExitStatus: String] = [
        .badData: "the recording cannot be read"
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party: PartyArgument?

    @OptionGroup(title: "Connection options") var feed: FeedOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("Stop after this long.", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(help: ArgumentHelp("Show a recording; - for standard input.", valueName: "file"), completion: .file())
    var recording: String?

    @Option(
        help: ArgumentHelp("With --recording: speed factor; max shows it without pauses.", valueName: "n|max"))
    var speed: ReplaySpeed?

    var showsProgress: Bool { false }

    func validate() throws {
        guard speed == nil || recording != nil else { throw ValidationError("--speed needs --recording") }
        guard recording != "-" || party != .standardInput else {
            throw ValidationError("standard input cannot supply both the recording and the party")
        }
    }

    func execute(in environment: CommandEnvironment) async throws(PartyError) {
        if let recording { return try await RecordedWatch(self, recording).run(in: environment) }
        guard let screen = environment.screen, !global.json, environment.variables["TERM"] != "dumb" else {
            return try await list(in: try CommandContext(options: global, environment: environment))
        }
        let notices = DeferredNotices()
        defer { for notice in notices.all { environment.console.errorOutput(notice) } }
        let context = try CommandContext(options: global, environment: notices.capturing(environment))
        let client = context.client
        var model = RosterModel(
            wanted: try await wanted(in: context), me: try await client.accessToken().accountID,
            invocation: context.configuration.invocation)
        let question = model.question
        if let question {
            model.take(try await client.party(question.party), for: question, at: context.clock.now())
        }
        let renderer = RosterRenderer(model, on: screen, in: context, notices, isRecording: false)
        let watch = RosterWatch(context: context, renderer: renderer, asked: question, timeout: timeout?.duration)
        var partyEnvironment = context.environment
        partyEnvironment.onStreamActivity = { [onActivity = partyEnvironment.onStreamActivity] in
            onActivity?()
            renderer.noteActivity()
        }
        try await watch.run(PartyFeed(partyEnvironment, feed.awaited).run)
    }

    /// The party to show; `nil` follows the party that is current at each moment.
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
        var run = try StreamRun(context, EventPrinter.Options(eventsOf: context, filter))
        run.listener = await context.listenerName()
        try await run.print(PartyFeed(context.environment, feed.awaited).run, for: timeout?.duration)
    }
}
