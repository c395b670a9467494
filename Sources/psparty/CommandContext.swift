import PartyCore

/// What a running command may touch.
struct CommandContext: Sendable {
    let options: GlobalOptions
    let configuration: Configuration
    let console: Console
    private(set) var environment: PartyEnvironment

    init(options: GlobalOptions, shell: Shell) throws(PartyError) {
        self.options = options
        configuration = try Configuration(options: options, variables: shell.variables)
        console = shell.console
        environment = PartyEnvironment(
            settings: configuration.settings, transport: shell.transport(configuration),
            store: shell.store(configuration), clock: shell.clock, random: shell.random,
            trace: Trace(verbosity: options.verbose, console: shell.console))
        if options.dryRun { environment.rehearse = rehearsal }
    }

    /// Prints each request that would change something as a command that does it.
    private var rehearsal: @Sendable (RESTRequest) -> Void {
        { [console, configuration] request in
            let command = CurlCommand(request: request, configuration: configuration)
            try? console.write(command.text + "\n")
        }
    }

    var client: PartyClient { PartyClient(environment) }
    var clock: PartyClock { environment.clock }

    /// How text on standard output may look.
    var style: Style {
        Style(console.isTerminal, options.color, configuration.variables, columns: console.columns())
    }

    /// A line for people, on standard error; none with `--quiet`.
    func notice(_ line: String) {
        guard !options.isQuiet else { return }
        console.complain(line + "\n")
    }

    /// Prints a result; a rehearsal has none but its commands.
    func render(_ report: some Report) throws(PartyError) {
        guard !options.dryRun else { return }
        try console.show(options.json ? report.json() : report.text(style))
    }

    /// The party session of an argument; `-` reads it from standard input.
    func partyReference(_ argument: PartyArgument) async throws(PartyError) -> PartyReference {
        switch argument {
        case .reference(let reference): return reference
        case .standardInput:
            let line = try await console.readLine(isSecret: false).reveal()
            guard let reference = PartyReference(line) else {
                throw PartyError(
                    .badData, "standard input holds no party: \(line.displayed)", step: "input",
                    hint: PartyArgument.forms)
            }
            return reference
        }
    }
}
