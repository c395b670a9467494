import ArgumentParser
import PartyCore

/// How the push stream is held, and what is kept of it.
struct FeedOptions: ParsableArguments, Sendable {
    @Option(parsing: .unconditional, help: ArgumentHelp("Skip and report larger push frames.", valueName: "size"))
    var maxFrame = SizeArgument(bytes: 1 << 20)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Give up after so many tries, or so long, without a stream.", valueName: "n|duration"))
    var maxReconnect: ReconnectLimit?

    @Flag(name: .customLong("no-reconnect"), help: "Give up at the first loss.")
    var noReconnect = false

    func validate() throws {
        guard !(noReconnect && maxReconnect != nil) else {
            throw ValidationError("--no-reconnect and --max-reconnect exclude each other")
        }
    }

    /// The same for a run that is nothing without its stream.
    var awaited: PartyFeed.Options {
        var options = feed
        options.mustBecomeReady = true
        return options
    }

    var feed: PartyFeed.Options {
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

/// What is kept of a stream.
struct RecordOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Also append everything that comes to this file; gzip if it ends in .gz.", valueName: "file"),
        completion: .file())
    var record: String?

    func validate() throws {
        if record?.isEmpty == true { throw ValidationError("--record takes a file") }
        // Elsewhere it is standard input: who writes it here would not look for a file of that name.
        if record == "-" { throw ValidationError("--record takes a file, not -; ./- is a file of that name") }
    }
}
