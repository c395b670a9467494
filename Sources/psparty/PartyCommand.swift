import ArgumentParser
import PartyCore

/// A subcommand: parsed words that know what to do in a context. It never prints, exits or builds its own client.
protocol PartyCommand: ParsableCommand, Sendable {
    var global: GlobalOptions { get }
    func execute(in context: CommandContext) async throws(PartyError)
}

/// A subcommand with one result, which the context renders.
protocol ReportCommand: PartyCommand {
    associatedtype Result: Report
    func report(in context: CommandContext) async throws(PartyError) -> Result
}

extension ReportCommand {
    func execute(in context: CommandContext) async throws(PartyError) {
        try context.render(try await report(in: context))
    }
}
