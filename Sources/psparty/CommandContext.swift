import PartyCore
import PartyLive

/// What a running command may touch.
struct CommandContext: Sendable {
    let options: GlobalOptions
    let configuration: Configuration
    let console: Console
    let environment: PartyEnvironment
    /// Where lines wait that come faster than they are taken.
    let room: LineSpool.SpillPolicy
    /// Who started us as a service, if so.
    let supervised: Supervised?
    /// Raised by the first request that was printed in place of being sent.
    let hasRehearsed = OneShotEvent()

    init(options: GlobalOptions, shell: Shell) throws(PartyError) {
        self.options = options
        let entries = try ConfigFile(shell.variables, random: shell.random)?.entries() ?? []
        configuration = try Configuration(options: options, variables: shell.variables, entries: entries)
        let console = shell.console.readingText()
        self.console = console
        room = shell.room(configuration)
        var environment = PartyEnvironment(
            settings: configuration.settings, transport: shell.transport(configuration),
            store: shell.store(configuration), clock: shell.clock, random: shell.random,
            trace: Trace(verbosity: options.verbose, console: shell.console))
        environment.share = shell.share(configuration)
        environment.voiceShare = shell.voiceShare(configuration)
        let supervised = Supervised(shell)
        if let supervised { environment.heard = { supervised.heard() } }
        self.supervised = supervised
        environment.notice = { [console] line in options.notice("psparty: \(line.displayed)", on: console) }
        if options.dryRun { environment.rehearse = Self.rehearsal(console, configuration, hasRehearsed) }
        self.environment = environment
    }

    /// Prints each request that would change something as a command that does it.
    private static func rehearsal(
        _ console: Console, _ configuration: Configuration, _ hasRehearsed: OneShotEvent
    ) -> @Sendable (RESTRequest) throws(PartyError) -> Void {
        { (request) throws(PartyError) in
            hasRehearsed.set()
            let command = CurlCommand(request: request, configuration: configuration)
            // What a terminal would act on can only be in a JSON body.
            try console.show(console.shown(Array((command.text + "\n").utf8)))
        }
    }

    var client: PartyClient { PartyClient(environment) }
    var clock: PartyClock { environment.clock }

    /// How text on standard output may look.
    var style: Style {
        Style(console.isTerminal, configuration.color, configuration.variables, columns: console.columns())
    }

    /// A line for people, on standard error; none with `--quiet`.
    func notice(_ line: String) {
        options.notice(line, on: console)
    }

    /// - Throws: `.configuration` where a token from the environment is used in place of the file.
    func requireTokenFile() throws(PartyError) {
        guard environment.settings.accessToken == nil else {
            throw PartyError(
                .configuration, "PSPARTY_ACCESS_TOKEN is set, and with it no token file is touched",
                step: "configuration", hint: "unset it first")
        }
    }

    /// Prints a result; a rehearsal has none but its commands.
    func render(_ report: some Report) throws(PartyError) {
        guard !hasRehearsed.isSet else { return }
        try console.show(report, isJSON: options.json, style)
    }

    /// Nobody's second party is dropped without a word. On a terminal a line is all there is to wait for.
    private func requireEnd() async throws(PartyError) {
        guard !console.isInputTerminal else { return }
        while let line = try await console.input(false) {
            guard line.reveal().allSatisfy(\.isWhitespace) else {
                throw PartyError(
                    .badData, "standard input holds more than one party", step: "input",
                    hint: "give one at a time: … | while read -r party; do psparty … \"$party\"; done")
            }
        }
    }

    /// The party session of an argument; `-` reads it from standard input.
    func partyReference(_ argument: PartyArgument) async throws(PartyError) -> PartyReference {
        switch argument {
        case .reference(let reference): return reference
        case .standardInput:
            let text = try await console.readLine(isSecret: false).reveal()
            let line = String(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
            try await requireEnd()
            guard let reference = PartyReference(line) else {
                throw PartyError(
                    .badData, "standard input holds no party: \(line.quoted)", step: "input",
                    hint: PartyArgument.forms)
            }
            return reference
        }
    }

    /// The party session of an argument to whoever reads a recording: without the network, which a link would need.
    func recordedParty(_ argument: PartyArgument) async throws(PartyError) -> PartyID {
        let reference = try await partyReference(argument)
        if case .link = reference {
            throw PartyError(
                .badData, "a link cannot be looked up in a recording", step: "replay", hint: "name the party by its id")
        }
        return try await client.resolve(reference)
    }
}

extension GlobalOptions {
    /// A line for people; none with `--quiet`.
    func notice(_ line: String, on console: Console) {
        guard !isQuiet else { return }
        console.complain(line + "\n")
    }
}
