import ArgumentParser
import PartyCore

struct Listen: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen", abstract: "Print party events as they happen, one a line.",
        discussion: "On a terminal the output is text for people; in a pipe or with --json it is JSON.")

    static let examples = [
        Example("print all events", "psparty listen"),
        Example(
            "print who joins",
            "psparty listen --type member.joined --json | jq --unbuffered -r '.members[].onlineId'"),
        Example(
            "wait until a friend starts a party",
            "psparty listen --watch-visible 1m --type party.visible --from alice --count 1 --timeout 10m"),
        Example(
            "record everything and run a program for each event",
            "psparty listen --record party.gz --exec ./on-event"),
    ]

    static let statuses: [ExitStatus: String] = [
        .timeout: "fewer events than --count came within --timeout"
    ]

    @OptionGroup var global: GlobalOptions

    @OptionGroup(title: "Filter options") var filters: EventFilterOptions
    @OptionGroup(title: "Output options") var events: EventOptions
    @OptionGroup(title: "Connection options") var feed: FeedOptions
    @OptionGroup(title: "Output options") var recording: RecordOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Also print which other parties appear and disappear, from a request at this interval, 30s or more.",
            valueName: "duration"))
    var watchVisible: DurationArgument?

    @Option(parsing: .unconditional, help: ArgumentHelp("Stop after this long.", valueName: "duration"))
    var timeout: DurationArgument?

    var showsProgress: Bool { false }

    func validate() throws {
        if let interval = watchVisible?.duration, interval < VisiblePartyWatch.shortest {
            throw ValidationError("--watch-visible must be 30s or more, because each look is a request")
        }
        if watchVisible != nil, events.raw {
            throw ValidationError(
                "--raw and --watch-visible cannot be combined, because visible parties do not come in frames")
        }
        try filters.check(events, seesVisibleParties: watchVisible != nil)
    }

    func execute(in context: CommandContext) async throws(PartyError) {
        let client = context.client
        var filter = events.filter
        filter.types = filters.type
        filter.me = try await client.accessToken().accountID
        // Filter by account id: a frame may omit the name, or carry the old name of a renamed user.
        for user in filters.from {
            filter.users.append(.account(try await client.existingUser(user.reference).accountID))
        }
        for argument in filters.party {
            filter.parties.insert(try await client.existingParty(try await context.partyReference(argument)))
        }
        var run = try StreamRun(context, events, filter, record: recording.record)
        run.listener = await context.listenerName()
        var options = run.recording(feed.feed)
        options.beginsWithSnapshot = events.snapshot
        let feed = PartyFeed(context.environment, options)
        guard let interval = watchVisible?.duration else {
            return try await run.print(feed.run, for: timeout?.duration)
        }
        let watch = VisiblePartyWatch(context.environment, every: interval)
        try await run.print(
            { receiver throws(PartyError) in try await watch.run(feed.run, receiver) }, for: timeout?.duration)
    }
}
