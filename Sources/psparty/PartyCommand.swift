import ArgumentParser
import PartyCore

/// A subcommand: parsed words that know what to do in a context. It never prints, exits or builds its own client.
protocol PartyCommand: ParsableCommand, Sendable {
    var global: GlobalOptions { get }
    /// Whether a terminal is to see that it is at work; not for what prints as it goes.
    var showsProgress: Bool { get }
    func execute(in context: CommandContext) async throws(PartyError)
}

extension PartyCommand {
    var showsProgress: Bool { true }
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
