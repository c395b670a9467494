import PartyCore

/// A command that enters a party session and may stay there: in the steps that staying has to tell apart.
protocol EntryCommand: ReportCommand where Output == PartyReport {
    associatedtype Preparation: Sendable
    var stay: StayOptions { get }
    /// How long to stay; `nil` for as long as it goes.
    var listeningTime: Duration? { get }
    /// What entering is called behind the party: "was created".
    static var deed: String { get }
    /// Finds out what has to be known before: who is meant, and where to.
    func prepare(in context: CommandContext) async throws(PartyError) -> Preparation
    func enter(_ preparation: Preparation, in context: CommandContext) async throws(PartyError) -> PartyID
    /// Does what follows once we are in.
    func report(
        on id: PartyID, _ preparation: Preparation, in context: CommandContext
    ) async throws(PartyError) -> PartyReport
}

extension EntryCommand {
    var showsProgress: Bool { !stay.listen }
    /// Leaving is a request that has to be answered, and what it does is told by the stream.
    var cleaningTime: Duration { stay.leave ? .seconds(7) : .milliseconds(900) }

    func report(in context: CommandContext) async throws(PartyError) -> PartyReport {
        let preparation = try await prepare(in: context)
        let id = try await enter(preparation, in: context)
        do throws(PartyError) {
            var report = try await report(on: id, preparation, in: context)
            report.deed = ([Self.deed(id)] + [report.deed].compactMap { $0 }).joined(separator: "; ")
            return report
        } catch {
            // Of a cancelled command no error is shown.
            if error.kind == .cancelled, !context.hasRehearsed.isSet {
                context.console.complain("psparty: \(Self.deed(id).displayed)\n")
            }
            throw context.hasRehearsed.isSet ? error : error.naming(Self.deed(id))
        }
    }

    static func deed(_ id: PartyID) -> String { "the party \(id.text) \(deed)" }

    func execute(in context: CommandContext) async throws(PartyError) {
        guard !stay.listen || global.dryRun else { return try await Stay(self, context).run() }
        let report = try await report(in: context)
        try context.render(report)
        if stay.leave { _ = try await context.client.leave(report.party.id) }
        if let failure = report.failure { throw failure }
    }
}
