import ArgumentParser
import PartyCore

/// A subcommand: parsed words that know what to do. It never prints, exits or builds its own client.
protocol ShellCommand: ParsableCommand, Sendable {
    var global: GlobalOptions { get }
    /// Whether a terminal is to see that it is at work; not for what prints as it goes.
    var showsProgress: Bool { get }
    /// How long it may go on after it was asked to stop.
    var cleaningTime: Duration { get }
    func execute(in shell: Shell) async throws(PartyError)
}

extension ShellCommand {
    var showsProgress: Bool { true }
    var cleaningTime: Duration { .milliseconds(900) }
}

/// A subcommand that goes by the configuration.
protocol PartyCommand: ShellCommand {
    func execute(in context: CommandContext) async throws(PartyError)
}

extension PartyCommand {
    func execute(in shell: Shell) async throws(PartyError) {
        try await execute(in: try CommandContext(options: global, shell: shell))
    }
}

/// A subcommand with one result that works also where the configuration cannot be used: to mend it, say.
protocol SetupCommand: ShellCommand {
    associatedtype Output: Report
    func report(in shell: Shell) async throws(PartyError) -> Output
}

extension SetupCommand {
    func execute(in shell: Shell) async throws(PartyError) {
        let report = try await report(in: shell)
        try shell.console.show(report, isJSON: global.json, Style(false, .never, [:]))
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
