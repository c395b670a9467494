import ArgumentParser
import PartyCore

/// Which events of a stream or recording are printed.
struct EventFilterOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("Only events of this party; repeatable.", valueName: "party"))
    var party: [PartyArgument] = []

    @Option(help: ArgumentHelp("Only events of this type, like 'member.*'; repeatable.", valueName: "glob"))
    var type: [String] = []

    @Option(help: ArgumentHelp("Only events caused by this user; repeatable.", valueName: "user"))
    var from: [UserArgument] = []

    func check(_ options: EventOptions) throws {
        try EventFilter.check(types: type, isNarrowed: !party.isEmpty || !from.isEmpty, options: options)
    }
}

extension EventFilter {
    /// A pattern that can match nothing is a slip of the pen.
    /// - Parameter isNarrowed: whether only events of some parties or users are wanted.
    static func check(types patterns: [String], isNarrowed: Bool, options: EventOptions) throws {
        let partyTypes = PartyEvent.Kind.allCases.map(\.rawValue)
        for pattern in patterns where !partyTypes.contains(where: { matches(pattern: pattern, $0) }) {
            guard StreamLifecycle.types.contains(where: { matches(pattern: pattern, $0) }) else {
                let types = options.lifecycle ? knownTypes : partyTypes
                throw ValidationError(
                    "--type \(pattern) matches no event type; there are: \(types.joined(separator: ", "))")
            }
            if !options.lifecycle { throw ValidationError("--type \(pattern) matches only what --lifecycle shows") }
            if options.raw { throw ValidationError("--type \(pattern) matches no frame, and --raw shows only frames") }
            if isNarrowed {
                throw ValidationError(
                    "--type \(pattern) matches only what happens to the stream itself, and --party and --from leave that out"
                )
            }
        }
    }
}

/// How the events of a stream or recording are printed, and how many.
struct EventOptions: ParsableArguments, Sendable {
    @Option(parsing: .unconditional, help: ArgumentHelp("Stop after so many printed events.", valueName: "n"))
    var count: Int?

    @Flag(help: "First print the present state, as synthetic events.")
    var snapshot = false

    @Flag(help: "Print the push frames verbatim.")
    var raw = false

    @Flag(help: "Print what happens to the stream itself as well.")
    var lifecycle = false

    @Option(
        help: ArgumentHelp(
            "Also run this program, without a shell, for each printed event: it gets the event on standard input.",
            valueName: "program"),
        completion: .file())
    var exec: String?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count takes 1 or more") }
        if raw, snapshot {
            throw ValidationError("--raw and --snapshot exclude each other: the present state comes in no frame")
        }
        if exec?.isEmpty == true { throw ValidationError("--exec takes a program") }
    }

    /// A filter that goes by these options; parties and users are not in them.
    var filter: EventFilter { EventFilter(showsLifecycle: lifecycle, showsSnapshot: snapshot) }

    /// What the events are printed as.
    func form(in context: CommandContext) -> EventPrinter.Form {
        if raw { return .raw }
        return context.options.json || !context.console.isTerminal ? .json : .text
    }
}
