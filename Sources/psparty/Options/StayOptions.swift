import ArgumentParser
import PartyCore

/// Whether a command that enters a party session stays there, and how it then prints what happens.
struct StayOptions: ParsableArguments, Sendable {
    @Flag(help: "Stay, with the push stream open before the party is entered: print events as listen does.")
    var listen = false

    @Flag(help: "With --listen: leave the party on the way out.")
    var leave = false

    @Option(help: ArgumentHelp("Only events of this type, like 'member.*'; repeatable.", valueName: "glob"))
    var type: [String] = []

    @OptionGroup var events: EventOptions
    @OptionGroup var feed: FeedOptions

    func validate() throws {
        try EventFilter.check(types: type, isNarrowed: false, options: events)
        let given = [
            ("--leave", leave), ("--type", !type.isEmpty), ("--count", events.count != nil),
            ("--snapshot", events.snapshot), ("--raw", events.raw), ("--lifecycle", events.lifecycle),
            ("--exec", events.exec != nil), ("--max-reconnect", feed.maxReconnect != nil),
            ("--no-reconnect", feed.noReconnect),
        ]
        if !listen, let first = given.first(where: \.1) { throw ValidationError("\(first.0) goes with --listen") }
    }

    /// A filter that goes by these options.
    var filter: EventFilter {
        var filter = events.filter
        filter.types = type
        return filter
    }
}
