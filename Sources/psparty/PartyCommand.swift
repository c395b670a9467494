import ArgumentParser
import PartyCore

/// A parsed subcommand that can run. It never exits the process and never builds its own client.
protocol RunnableCommand: DocumentedCommand, Sendable {
    var global: GlobalOptions { get }
    /// Whether a terminal shows a progress indicator; `false` for commands that print continuously.
    var showsProgress: Bool { get }
    /// How long the command may run after a signal, to clean up.
    var cleanupTime: Duration { get }
    func execute(in environment: CommandEnvironment) async throws(PartyError)
}

extension RunnableCommand {
    var showsProgress: Bool { true }
    var cleanupTime: Duration { .milliseconds(900) }
}

/// A subcommand that needs a valid configuration.
protocol PartyCommand: RunnableCommand {
    func execute(in context: CommandContext) async throws(PartyError)
}

extension PartyCommand {
    func execute(in environment: CommandEnvironment) async throws(PartyError) {
        try await execute(in: try CommandContext(options: global, environment: environment))
    }
}

/// A subcommand with one result that works without a valid configuration, for example to repair it.
protocol SetupCommand: RunnableCommand {
    associatedtype Output: Report
    func report(in environment: CommandEnvironment) async throws(PartyError) -> Output
}

extension SetupCommand {
    func execute(in environment: CommandEnvironment) async throws(PartyError) {
        let report = try await report(in: environment)
        try environment.console.show(report, isJSON: global.json, Style(false, .never, [:]))
    }
}

/// A subcommand with one result, which the context renders.
protocol ReportCommand: PartyCommand {
    associatedtype Output: Report
    func report(in context: CommandContext) async throws(PartyError) -> Output
}

extension ReportCommand {
    func execute(in context: CommandContext) async throws(PartyError) {
        let report = try await report(in: context)
        try context.render(report)
        if let failure = report.failure { throw failure }
    }
}
