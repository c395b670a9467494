internal import Dispatch
import PartyCore

/// Shows a live roster on a terminal: draws what changed, ten times a second at most, and never holds up whoever tells it
/// something.
actor RosterShow {
    private let screen: TerminalScreen
    private let console: Console
    private let clock: PartyClock
    private let style: Style
    private let notes: NoteBook
    private var board: RosterBoard
    private var recording: RosterScreen.Recording?
    /// When the latest event of a recording came.
    private var recorded: Timestamp?
    private var painter = ScreenPainter()
    private let changes: AsyncStream<Void>
    private let tell: AsyncStream<Void>.Continuation
    /// Yields when there may be something to ask the service. Of use once.
    nonisolated let inquiries: AsyncStream<Void>
    private let inquire: AsyncStream<Void>.Continuation
    private let signsOfLife: AsyncStream<Void>
    private let noteSign: AsyncStream<Void>.Continuation
    private let queue = DispatchQueue(label: "psparty.screen.output")

    private static let pace: Duration = .milliseconds(100)

    /// - Parameter isRecording: time is what the events say it is.
    init(
        _ board: RosterBoard, on screen: TerminalScreen, in context: CommandContext, _ notes: NoteBook,
        isRecording: Bool
    ) {
        self.board = board
        self.screen = screen
        self.notes = notes
        console = context.console
        clock = context.clock
        style = context.style
        recording = isRecording ? .running : nil
        (changes, tell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (signsOfLife, noteSign) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (inquiries, inquire) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes what the stream, or a recording, brought.
    func take(_ events: [StreamEvent]) {
        if recording != nil { recorded = events.last?.time ?? recorded }
        board.take(events, at: now)
        tell.yield()
        if board.question != nil { inquire.yield() }
    }

    /// The stream lives, whether or not it brought an event. Never waits.
    nonisolated func heard() {
        noteSign.yield()
    }

    /// The recording has come to its end.
    func end() {
        recording = .over
        tell.yield()
    }

    /// What to ask the service.
    var question: RosterBoard.Question? { board.question }

    /// - Parameter party: the service's answer; `nil` where it shows none to us.
    func take(_ party: PartySession?, for question: RosterBoard.Question) {
        board.take(party, for: question, at: now)
        tell.yield()
    }

    /// Draws until the task is cancelled, and gives the terminal back.
    /// - Throws: `.storage` where the terminal is gone.
    func run() async throws(PartyError) {
        screen.open()
        defer { screen.close() }
        tell.yield()
        if board.question != nil { inquire.yield() }
        let others = [
            Task { [clock, tell] in
                while !Task.isCancelled {
                    await clock.sleep(.seconds(1))
                    tell.yield()
                }
            },
            Task { for await _ in screen.changes { redraw() } },
            Task { for await _ in signsOfLife { take([]) } },
            Task { [notes, tell] in for await _ in notes.additions { tell.yield() } },
        ]
        defer { for other in others { other.cancel() } }
        for await _ in changes {
            try await write(paint())
            await clock.sleep(Self.pace)
        }
    }

    private var now: Timestamp { recording == nil ? clock.now() : recorded ?? clock.now() }

    private func redraw() {
        painter.forget()
        tell.yield()
    }

    private func paint() -> String {
        let size = screen.size()
        let picture = RosterScreen(board: board, size: size, now: now, note: notes.last, recording: recording)
        return painter.paint(picture.lines.map { $0.text(style, columns: size.columns) }, size)
    }

    /// On a thread of its own: a terminal may take its time, Ctrl-S say.
    private func write(_ text: String) async throws(PartyError) {
        guard !text.isEmpty else { return }
        let result: Result<Void, Console.WriteError> = await withCheckedContinuation { continuation in
            queue.async { [console] in
                continuation.resume(
                    returning: Result { () throws(Console.WriteError) in try console.write(text) })
            }
        }
        do throws(Console.WriteError) { try result.get() } catch {
            throw PartyError(error) ?? PartyError(.cancelled, "the terminal is gone", step: "output")
        }
    }
}
