import PartyCore

/// A command that enters a party and may stay in it. The steps are separate because `Stay` runs them around the stream.
protocol EntryCommand: ReportCommand where Output == PartyReport {
    associatedtype Preparation: Sendable
    var stay: StayOptions { get }
    /// How long to stay; `nil` without limit.
    var listeningTime: Duration? { get }
    /// The effect of entering, as a predicate: "was created".
    static var effect: String { get }
    /// Resolves users and the party before anything is changed.
    func prepare(in context: CommandContext) async throws(PartyError) -> Preparation
    func enter(_ preparation: Preparation, in context: CommandContext) async throws(PartyError) -> PartyID
    /// Performs the steps after entering, and returns the result.
    func report(
        on id: PartyID, _ preparation: Preparation, in context: CommandContext
    ) async throws(PartyError) -> PartyReport
}

extension EntryCommand {
    var showsProgress: Bool { !stay.listen }
    /// Leaving needs time for a request, its response and the stream's event.
    var cleanupTime: Duration { stay.leave ? .seconds(7) : .milliseconds(900) }

    func report(in context: CommandContext) async throws(PartyError) -> PartyReport {
        let preparation = try await prepare(in: context)
        let id = try await enter(preparation, in: context)
        do throws(PartyError) {
            var report = try await report(on: id, preparation, in: context)
            report.effect = ([Self.effect(id)] + [report.effect].compactMap { $0 }).joined(separator: "; ")
            return report
        } catch {
            // The error of a cancelled command is not shown, so the effect is printed here.
            if error.kind == .cancelled, !context.hasPrintedDryRun.isSet {
                context.console.errorOutput("psparty: \(Self.effect(id).displayed)\n")
            }
            throw context.hasPrintedDryRun.isSet ? error : error.naming(Self.effect(id))
        }
    }

    static func effect(_ id: PartyID) -> String { "the party \(id.text) \(effect)" }

    func execute(in context: CommandContext) async throws(PartyError) {
        guard !stay.listen || global.dryRun else { return try await Stay(self, context).run() }
        let report = try await report(in: context)
        try context.render(report)
        if stay.leave { _ = try await context.client.leave(report.party.id) }
        if let failure = report.failure { throw failure }
    }
}
