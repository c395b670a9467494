import ArgumentParser
import PartyCore

/// Options for staying in a party that a command enters, and for printing its events.
struct StayOptions: ParsableArguments, Sendable {
    @Flag(help: "Open the push stream before entering the party, then stay and print events as listen does.")
    var listen = false

    @Flag(help: "With --listen: leave the party at the end.")
    var leave = false

    @Option(help: ArgumentHelp("Print only events of this type, like 'member.*'; repeatable.", valueName: "glob"))
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
        if !listen, let first = given.first(where: \.1) { throw ValidationError("\(first.0) needs --listen") }
    }

    /// The filter of these options.
    var filter: EventFilter {
        var filter = events.filter
        filter.types = type
        return filter
    }
}
