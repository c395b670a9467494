import ArgumentParser
import PartyCore

/// Options for the push stream.
struct FeedOptions: ParsableArguments, Sendable {
    @Option(parsing: .unconditional, help: ArgumentHelp("Skip and report larger push frames.", valueName: "size"))
    var maxFrame = SizeArgument(bytes: 1 << 20)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Give up after this many failed tries, or after this long, without a stream.", valueName: "n|duration"))
    var maxReconnect: ReconnectLimit?

    @Flag(name: .customLong("no-reconnect"), help: "Give up at the first connection loss.")
    var noReconnect = false

    func validate() throws {
        guard !(noReconnect && maxReconnect != nil) else {
            throw ValidationError("--no-reconnect and --max-reconnect cannot be combined")
        }
    }

    /// The options for a run that needs the stream: it fails if the stream never becomes ready.
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

/// Options for recording a stream.
struct RecordOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Also append all received frames to this file, as gzip if its name ends in .gz.", valueName: "file"),
        completion: .file())
    var record: String?

    func validate() throws {
        if record?.isEmpty == true { throw ValidationError("--record needs a file name") }
        // Elsewhere - means standard input, so a file of that name would surprise the user.
        if record == "-" { throw ValidationError("--record needs a file name, not -; ./- is a file of that name") }
    }
}
