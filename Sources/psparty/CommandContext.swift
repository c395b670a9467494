import PartyCore
import PartyLive

/// Everything a running command uses: options, configuration, console and library environment.
struct CommandContext: Sendable {
    let options: GlobalOptions
    let configuration: Configuration
    let console: Console
    let environment: PartyEnvironment
    /// How waiting output lines are stored when the reader is slow.
    let spillPolicy: LineSpool.SpillPolicy
    /// Reports to the service manager; `nil` if none started this process.
    let serviceNotifier: ServiceNotifier?
    /// Set when the first request was printed instead of being sent.
    let hasPrintedDryRun = OneShotEvent()

    init(options: GlobalOptions, environment: CommandEnvironment) throws(PartyError) {
        self.options = options
        let entries = try ConfigFile(environment.variables, random: environment.random)?.entries() ?? []
        configuration = try Configuration(options: options, variables: environment.variables, entries: entries)
        let console = environment.console.readingText()
        self.console = console
        spillPolicy = environment.spillPolicy(configuration)
        var partyEnvironment = PartyEnvironment(
            settings: configuration.settings, transport: environment.transport(configuration),
            store: environment.store(configuration), clock: environment.clock, random: environment.random,
            trace: Trace(verbosity: options.verbose, console: environment.console))
        partyEnvironment.share = environment.share(configuration)
        partyEnvironment.voiceShare = environment.voiceShare(configuration)
        let serviceNotifier = ServiceNotifier(environment)
        if let serviceNotifier { partyEnvironment.onStreamActivity = { serviceNotifier.noteActivity() } }
        self.serviceNotifier = serviceNotifier
        partyEnvironment.notice = { [console] line in options.notice("psparty: \(line.displayed)", on: console) }
        if options.dryRun { partyEnvironment.dryRun = Self.dryRunPrinter(console, configuration, hasPrintedDryRun) }
        self.environment = partyEnvironment
    }

    /// Prints each changing request as a `curl` command.
    private static func dryRunPrinter(
        _ console: Console, _ configuration: Configuration, _ hasPrintedDryRun: OneShotEvent
    ) -> @Sendable (RESTRequest) throws(PartyError) -> Void {
        { (request) throws(PartyError) in
            hasPrintedDryRun.set()
            let command = CurlCommand(request: request, configuration: configuration)
            // Control characters can occur only in a JSON body, so JSON escapes are correct here.
            try console.show(console.shown(Array((command.text + "\n").utf8)))
        }
    }

    var client: PartyClient { PartyClient(environment) }
    var clock: PartyClock { environment.clock }

    /// The style of text on standard output.
    var style: Style {
        var style = Style(
            console.isTerminal, configuration.color, configuration.variables, columns: console.columns())
        style.today = clock.now()
        return style
    }

    /// Whether a person reads the output or the notices.
    var isWatched: Bool { console.isTerminal || console.isErrorTerminal }

    /// The name for the notice that a stream is ready; `nil` without a terminal.
    func listenerName() async -> String? {
        guard isWatched, !options.isQuiet, let me = try? await client.account() else { return nil }
        return me.onlineID ?? me.accountID.description
    }

    /// Writes a notice to standard error, unless `--quiet` is set.
    func notice(_ line: String) {
        options.notice(line, on: console)
    }

    /// - Throws: `.configuration` if `PSPARTY_ACCESS_TOKEN` replaces the token file.
    func requireTokenFile() throws(PartyError) {
        guard environment.settings.accessToken == nil else {
            throw PartyError(
                .configuration, "PSPARTY_ACCESS_TOKEN is set, so the token file is not used",
                step: "configuration", hint: "unset PSPARTY_ACCESS_TOKEN first")
        }
    }

    /// Prints a result. A dry run has already printed its commands and has no other result.
    func render(_ report: some Report) throws(PartyError) {
        guard !hasPrintedDryRun.isSet else { return }
        try console.show(report, isJSON: options.json, style)
        if !options.json, isWatched, let words = report.emptyWords { notice(words) }
    }

    /// Rejects extra input lines instead of ignoring them. On a terminal one line is the whole input.
    private func requireEnd() async throws(PartyError) {
        guard !console.isInputTerminal else { return }
        while let line = try await console.input(false) {
            guard line.reveal().allSatisfy(\.isWhitespace) else {
                throw PartyError(
                    .badData, "standard input has more than one party", step: "input",
                    hint: "pass one party at a time: … | while read -r party; do psparty … \"$party\"; done")
            }
        }
    }

    /// Resolves a PARTY argument; `-` reads it from standard input.
    func partyReference(_ argument: PartyArgument) async throws(PartyError) -> PartyReference {
        switch argument {
        case .reference(let reference): return reference
        case .standardInput:
            let text = try await console.readLine(isSecret: false).reveal()
            let line = String(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
            try await requireEnd()
            guard let reference = PartyReference(line) else {
                throw PartyError(
                    .badData, "standard input does not name a party: \(line.quoted)", step: "input",
                    hint: PartyArgument.forms)
            }
            return reference
        }
    }

    /// Resolves a PARTY argument without the network. A link needs a look-up, so it is rejected.
    func recordedParty(_ argument: PartyArgument) async throws(PartyError) -> PartyID {
        let reference = try await partyReference(argument)
        if case .link = reference {
            throw PartyError(
                .badData, "a party link cannot be looked up in a recording", step: "replay",
                hint: "name the party by its id")
        }
        return try await client.resolve(reference)
    }
}

extension GlobalOptions {
    /// Writes a notice to standard error, unless `--quiet` is set.
    func notice(_ line: String, on console: Console) {
        guard !isQuiet else { return }
        console.errorOutput(line + "\n")
    }
}
