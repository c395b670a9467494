import ArgumentParser
import PartyCore

/// Options that select the events of a stream or recording.
struct EventFilterOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("Print only events of this party; repeatable.", valueName: "party"))
    var party: [PartyArgument] = []

    @Option(help: ArgumentHelp("Print only events of this type, like 'member.*'; repeatable.", valueName: "glob"))
    var type: [String] = []

    @Option(help: ArgumentHelp("Print only events caused by this user; repeatable.", valueName: "user"))
    var from: [UserArgument] = []

    /// - Parameter seesVisibleParties: whether the events of `listen --watch-visible` come.
    func check(_ options: EventOptions, seesVisibleParties: Bool = false) throws {
        try EventFilter.check(
            types: type, isNarrowed: !party.isEmpty || !from.isEmpty, options: options,
            seesVisibleParties: seesVisibleParties)
    }
}

extension EventFilter {
    /// Rejects a pattern that can match nothing, because it is most likely a typing error.
    /// - Parameter isNarrowed: whether events are also filtered by party or user.
    /// - Parameter seesVisibleParties: whether the events of `listen --watch-visible` come.
    static func check(
        types patterns: [String], isNarrowed: Bool, options: EventOptions, seesVisibleParties: Bool = false
    ) throws {
        let partyTypes = types(lifecycle: false, visibleParties: seesVisibleParties)
        for pattern in patterns where !partyTypes.contains(where: { matches(pattern: pattern, $0) }) {
            guard StreamLifecycle.types.contains(where: { matches(pattern: pattern, $0) }) else {
                if knownTypes.contains(where: { matches(pattern: pattern, $0) }) {
                    throw ValidationError("--type \(pattern) matches only events of listen --watch-visible")
                }
                let types = types(lifecycle: options.lifecycle, visibleParties: seesVisibleParties)
                throw ValidationError(
                    "--type \(pattern) matches no event type; the types are: \(types.joined(separator: ", "))")
            }
            if !options.lifecycle {
                throw ValidationError("--type \(pattern) matches only lifecycle events; add --lifecycle to print them")
            }
            if options.raw {
                throw ValidationError("--type \(pattern) matches only lifecycle events, and --raw prints only frames")
            }
            if isNarrowed {
                throw ValidationError(
                    "--type \(pattern) matches only lifecycle events, and --party and --from exclude them"
                )
            }
        }
    }
}

/// Options for how, and how many, events are printed.
struct EventOptions: ParsableArguments, Sendable {
    @Option(parsing: .unconditional, help: ArgumentHelp("Stop after this many printed events.", valueName: "n"))
    var count: WholeNumber?

    @Flag(help: "First print the current state, as synthetic events.")
    var snapshot = false

    @Flag(help: "Print the push frames unchanged.")
    var raw = false

    @Flag(help: "Also print lifecycle events of the stream, like stream.lost.")
    var lifecycle = false

    @Option(
        help: ArgumentHelp(
            "Also run this program, without a shell, for each printed event, with the event on its standard input.",
            valueName: "program"),
        completion: .file())
    var exec: String?

    func validate() throws {
        if let count, count.value < 1 { throw ValidationError("--count must be 1 or more") }
        if raw, snapshot {
            throw ValidationError(
                "--raw and --snapshot cannot be combined, because the current state does not come in frames")
        }
        if exec?.isEmpty == true { throw ValidationError("--exec needs the name of a program") }
    }

    /// The filter of these options, without parties and users.
    var filter: EventFilter { EventFilter(showsLifecycle: lifecycle, showsSnapshot: snapshot) }

    /// The output form.
    func form(in context: CommandContext) -> EventPrinter.Form {
        raw ? .raw : EventPrinter.Form(in: context)
    }
}

extension EventPrinter.Form {
    /// Text on a terminal, JSON elsewhere.
    fileprivate init(in context: CommandContext) {
        self = context.options.json || !context.console.isTerminal ? .json : .text
    }
}

extension EventPrinter.Options {
    /// The events that pass the filter, in the usual form.
    init(eventsOf context: CommandContext, _ filter: EventFilter) {
        self.init(
            form: EventPrinter.Form(in: context), filter: filter, style: context.style,
            invocation: context.configuration.invocation)
    }
}
