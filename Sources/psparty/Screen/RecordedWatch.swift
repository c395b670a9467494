import PartyCore

/// Shows the roster of a recording with the recorded timing.
struct RecordedWatch: Sendable {
    private let command: Watch
    private let file: String

    init(_ command: Watch, _ file: String) {
        self.command = command
        self.file = file
    }

    func run(in environment: CommandEnvironment) async throws(PartyError) {
        let screen = command.global.json || environment.variables["TERM"] == "dumb" ? nil : environment.screen
        let notices = DeferredNotices()
        defer { for notice in notices.all { environment.console.errorOutput(notice) } }
        let context = try CommandContext(
            options: command.global, environment: screen == nil ? environment : notices.capturing(environment))
        let wanted = try await wanted(in: context)
        let input = try RecordingInput(InputSource(file), context.console)
        let first = try await input.firstLines()
        let player = RecordingPlayer(input: input, speed: command.speed ?? .times(1), clock: context.clock)
        if let screen {
            let model = RosterModel(
                wanted: wanted, me: first.account, invocation: context.configuration.invocation)
            let renderer = RosterRenderer(model, on: screen, in: context, notices, isRecording: true)
            let watch = RosterWatch(
                context: context, renderer: renderer, asked: nil, timeout: command.timeout?.duration)
            try await watch.run(recorded: { receiver throws(PartyError) in try await player.play(first, nil, receiver) }
            )
        } else {
            try await list(player, first, wanted, context)
        }
        for notice in await input.notices { context.notice("psparty: \(notice)") }
    }

    private func list(
        _ player: RecordingPlayer, _ first: [RecordingLine], _ wanted: PartyID?, _ context: CommandContext
    ) async throws(PartyError) {
        var filter = EventFilter(showsSnapshot: true)
        filter.me = first.account
        if let wanted { filter.parties = [wanted] }
        let run = try StreamRun(context, EventPrinter.Options(eventsOf: context, filter))
        try await run.print(
            { receiver throws(PartyError) in try await player.play(first, run, receiver) },
            for: command.timeout?.duration)
    }

    /// The party to show; `nil` follows the party that was current at each moment.
    private func wanted(in context: CommandContext) async throws(PartyError) -> PartyID? {
        guard let party = command.party, party != .current else { return nil }
        return try await context.recordedParty(party)
    }
}
