import PartyCore

/// The roster of a recording, in the rhythm in which it came.
struct RecordedWatch: Sendable {
    private let command: Watch
    private let file: String

    init(_ command: Watch, _ file: String) {
        self.command = command
        self.file = file
    }

    func run(in shell: Shell) async throws(PartyError) {
        let screen = command.global.json || shell.variables["TERM"] == "dumb" ? nil : shell.screen
        let notes = NoteBook()
        defer { for note in notes.all { shell.console.complain(note) } }
        let context = try CommandContext(
            options: command.global, shell: screen == nil ? shell : notes.covering(shell))
        let wanted = try await wanted(in: context)
        let input = try RecordingInput(InputSource(file), context.console)
        let first = try await input.firstLines()
        let player = RecordingPlayer(input: input, speed: command.speed ?? .times(1), clock: context.clock)
        if let screen {
            let board = RosterBoard(wanted: wanted, me: first.account)
            let show = RosterShow(board, on: screen, in: context, notes, isRecording: true)
            let watch = RosterWatch(context: context, show: show, asked: nil, timeout: command.timeout?.duration)
            try await watch.run(recorded: { receiver throws(PartyError) in try await player.play(first, nil, receiver) }
            )
        } else {
            try await list(player, first, wanted, context)
        }
        if let notice = await input.notice { context.notice("psparty: \(notice)") }
    }

    private func list(
        _ player: RecordingPlayer, _ first: [RecordingLine], _ wanted: PartyID?, _ context: CommandContext
    ) async throws(PartyError) {
        var filter = EventFilter(showsSnapshot: true)
        filter.me = first.account
        if let wanted { filter.parties = [wanted] }
        let form: EventPrinter.Form = command.global.json ? .json : .text
        let run = try StreamRun(context, EventPrinter.Manner(form: form, filter: filter, style: context.style))
        try await run.print(
            { receiver throws(PartyError) in try await player.play(first, run, receiver) },
            for: command.timeout?.duration)
    }

    /// `nil` for whichever was current at the time.
    private func wanted(in context: CommandContext) async throws(PartyError) -> PartyID? {
        guard let party = command.party, party != .current else { return nil }
        return try await context.recordedParty(party)
    }
}
