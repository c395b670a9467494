import ArgumentParser
import PartyCore

struct Replay: PartyCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Print the events of a recording as listen does.",
        discussion:
            "Reads a file that `listen --record` wrote, plain or gzip; - reads standard input. Needs no network.")

    static let examples = [
        Example("print a recording without its pauses", "psparty replay party.gz --speed max"),
        Example(
            "print who joined",
            "psparty replay party.gz --speed max --type member.joined --json | jq -r '.members[].onlineId'"),
    ]

    static let statuses: [ExitStatus: String] = [
        .notFound: "there is no such file",
        .badData: "the recording cannot be read",
        .timeout: "fewer events than --count were found",
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The recording; - for standard input.", completion: .file())
    var file: String

    @OptionGroup(title: "Filter options") var filters: EventFilterOptions
    @OptionGroup(title: "Output options") var events: EventOptions

    @Option(help: ArgumentHelp("Speed factor; max prints without pauses.", valueName: "n|max"))
    var speed = ReplaySpeed.times(1)

    @Option(parsing: .unconditional, help: ArgumentHelp("Start with the event of this number.", valueName: "n"))
    var fromSeq = WholeNumber(1)

    var showsProgress: Bool { false }

    func validate() throws {
        try filters.check(events)
        if fromSeq.value < 1 { throw ValidationError("--from-seq must be 1 or more") }
        if filters.party.contains(.standardInput), file == "-" {
            throw ValidationError("standard input cannot supply both the recording and a party")
        }
    }

    func execute(in context: CommandContext) async throws(PartyError) {
        var filter = events.filter
        filter.types = filters.type
        filter.users = filters.from.map(\.reference)
        for argument in filters.party {
            filter.parties.insert(try await context.recordedParty(argument))
        }
        let input = try RecordingInput(InputSource(file), context.console)
        let first = try await input.firstLines()
        filter.me = first.account
        let run = try StreamRun(context, events, filter, first: fromSeq.value)
        let player = RecordingPlayer(input: input, speed: speed, clock: context.clock)
        try await run.print { [first] receiver throws(PartyError) in try await player.play(first, run, receiver) }
        let notices = await input.notices
        for notice in notices { context.notice("psparty: \(notice)") }
        if notices.isEmpty, run.printed == 0, context.isWatched {
            context.notice("the recording has no event to print")
        }
    }
}

/// The speed at which a recording is printed.
enum ReplaySpeed: ExpressibleByArgument, Sendable, Equatable {
    case times(Double)
    case maximum

    static let forms = "a factor from 0.001 to 1000000, like 2 or 0.5, or max"

    /// The default that the help shows.
    var defaultValueDescription: String { "1" }

    init?(argument: String) {
        if argument == "max" {
            self = .maximum
        } else if argument.utf8.first.map({ $0 &- 0x30 < 10 }) == true, let factor = Double(argument), factor.isFinite,
            (0.001...1_000_000).contains(factor)
        {
            self = .times(factor)
        } else {
            return nil
        }
    }
}
