import PartyCore

/// What a running command may touch.
struct CommandContext: Sendable {
    let options: GlobalOptions
    let configuration: Configuration
    let console: Console
    private(set) var environment: PartyEnvironment
    /// Raised by the first request that was printed in place of being sent.
    let hasRehearsed = Latch()

    init(options: GlobalOptions, shell: Shell) throws(PartyError) {
        self.options = options
        configuration = try Configuration(options: options, variables: shell.variables)
        console = shell.console
        environment = PartyEnvironment(
            settings: configuration.settings, transport: shell.transport(configuration),
            store: shell.store(configuration), clock: shell.clock, random: shell.random)
        if options.dryRun { environment.rehearse = rehearsal }
    }

    /// Prints each request that would change something as a command that does it.
    private var rehearsal: @Sendable (RESTRequest) -> Void {
        { [console, configuration, hasRehearsed] request in
            hasRehearsed.set()
            let command = CurlCommand(request: request, configuration: configuration)
            try? console.write(command.text + "\n")
        }
    }

    var client: PartyClient { PartyClient(environment) }
    var clock: PartyClock { environment.clock }

    /// A line for people, on standard error; none with `--quiet`.
    func notice(_ line: String) {
        guard !options.quiet else { return }
        console.complain(line + "\n")
    }

    /// Prints a result; a rehearsal has none but its commands.
    func render(_ report: some Report) throws(PartyError) {
        guard !hasRehearsed.isSet else { return }
        try console.show(
            options.json
                ? report.json() : report.text(Style(console.isTerminal, options.color, configuration.variables)))
    }

    /// The party session of an argument; `-` reads it from standard input.
    func partyReference(_ argument: PartyArgument) async throws(PartyError) -> PartyReference {
        switch argument {
        case .reference(let reference): return reference
        case .standardInput:
            let text = try await console.readLine(isSecret: false).reveal()
            let line = String(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
            guard let reference = PartyReference(line) else {
                throw PartyError(
                    .badData, "standard input holds no party: \(line.quoted)", step: "input",
                    hint: PartyArgument.forms)
            }
            return reference
        }
    }
}
