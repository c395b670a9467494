import ArgumentParser
import PartyCore

/// A subcommand: parsed words that know what to do in a context. It never prints, exits or builds its own client.
protocol PartyCommand: ParsableCommand, Sendable {
    var global: GlobalOptions { get }
    func execute(in context: CommandContext) async throws(PartyError)
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
