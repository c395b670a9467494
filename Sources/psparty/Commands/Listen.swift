import ArgumentParser
import PartyCore

struct Listen: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen", abstract: "Print party events as they happen, one a line.",
        discussion: "Readable on a terminal, JSON in a pipe or with --json.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Only events of this party; repeatable.", valueName: "party"))
    var party: [PartyArgument] = []

    @Option(help: ArgumentHelp("Only events of this type, like 'member.*'; repeatable.", valueName: "glob"))
    var type: [String] = []

    @Option(help: ArgumentHelp("Only events caused by this user; repeatable.", valueName: "user"))
    var from: [UserArgument] = []

    @Option(help: ArgumentHelp("Stop after so many printed events.", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("Stop after this long.", valueName: "duration"))
    var timeout: DurationArgument?

    @Flag(help: "Print the push frames verbatim.")
    var raw = false

    @Flag(help: "Print what happens to the stream itself as well.")
    var lifecycle = false

    @Option(help: ArgumentHelp("Skip and report larger push frames.", valueName: "size"))
    var maxFrame = SizeArgument(bytes: 1 << 20)

    @Option(help: ArgumentHelp("Give up after so many tries, or so long, without a stream.", valueName: "n|duration"))
    var maxReconnect: ReconnectLimit?

    @Flag(name: .customLong("no-reconnect"), help: "Give up at the first loss.")
    var noReconnect = false

    var showsProgress: Bool { false }

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count takes 1 or more") }
        guard !(noReconnect && maxReconnect != nil) else {
            throw ValidationError("--no-reconnect and --max-reconnect exclude each other")
        }
        let types = lifecycle ? EventFilter.knownTypes : PartyEvent.Kind.allCases.map(\.rawValue)
        for glob in type where !types.contains(where: { EventFilter.matches(pattern: glob, $0) }) {
            throw ValidationError("--type \(glob) matches no event type; there are: \(types.joined(separator: ", "))")
        }
    }

    func execute(in context: CommandContext) async throws(PartyError) {
        let client = context.client
        var filter = EventFilter(types: type, users: from.map(\.reference), showsLifecycle: lifecycle)
        filter.me = try await client.accessToken().accountID
        for argument in party {
            filter.parties.insert(try await client.resolve(try await context.partyReference(argument)))
        }
        let form: EventPrinter.Form = raw ? .raw : global.json || !context.console.isTerminal ? .json : .text
        let run = StreamRun(context: context, form: form, filter: filter, style: context.style, limit: count)
        try await run.print(PartyFeed(context.environment, feedOptions), for: timeout?.duration)
    }

    private var feedOptions: PartyFeed.Options {
        var options = PartyFeed.Options()
        options.reconnects = !noReconnect
        options.maximumFrame = maxFrame.bytes
        switch maxReconnect {
        case .tries(let tries): options.maximumTries = tries
        case .outage(let outage): options.maximumOutage = outage
        case nil: break
        }
        return options
    }
}
