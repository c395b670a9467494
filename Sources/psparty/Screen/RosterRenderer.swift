internal import Dispatch
import PartyCore

/// Draws a live roster on a terminal: only changes, at most ten times a second. Callers never wait for the terminal.
actor RosterRenderer {
    private let screen: TerminalScreen
    private let console: Console
    private let clock: PartyClock
    private let style: Style
    private let notices: DeferredNotices
    private var model: RosterModel
    private var recording: RosterScreen.Recording?
    /// The time of the latest recorded event.
    private var recorded: Timestamp?
    /// `nil` without keys.
    private var view: RosterScreen.View?
    private let invocation: Invocation
    private var painter = ScreenPainter()
    private let changes: AsyncStream<Void>
    private let requestDraw: AsyncStream<Void>.Continuation
    /// Yields when a request to the service may be needed. Single use.
    nonisolated let queries: AsyncStream<Void>
    private let signalQuery: AsyncStream<Void>.Continuation
    private let byteSignals: AsyncStream<Void>
    private let reportBytes: AsyncStream<Void>.Continuation
    private let queue = DispatchQueue(label: "psparty.screen.output")

    private static let pace: Duration = .milliseconds(100)

    /// - Parameter isRecording: uses the times of the events instead of the clock.
    init(
        _ model: RosterModel, on screen: TerminalScreen, in context: CommandContext, _ notices: DeferredNotices,
        isRecording: Bool
    ) {
        self.model = model
        self.screen = screen
        self.notices = notices
        console = context.console
        clock = context.clock
        style = context.style
        recording = isRecording ? .running : nil
        view = screen.keys == nil ? nil : RosterScreen.View()
        invocation = context.configuration.invocation
        (changes, requestDraw) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (byteSignals, reportBytes) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (queries, signalQuery) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes events of the stream or of a recording.
    func take(_ events: [StreamEvent]) {
        if recording != nil { recorded = events.last?.time ?? recorded }
        changeLog { $0.take(events, at: now) }
        requestDraw.yield()
        if model.question != nil { signalQuery.yield() }
    }

    /// Records that the stream received bytes. Never waits.
    nonisolated func noteActivity() {
        reportBytes.yield()
    }

    /// Marks the recording as ended.
    func end() {
        recording = .over
        requestDraw.yield()
    }

    /// The request to send to the service, if any.
    var question: RosterModel.Question? { model.question }

    /// - Parameter party: the response; `nil` if the service does not show the party.
    func take(_ party: PartySession?, for question: RosterModel.Question) {
        changeLog { $0.take(party, for: question, at: now) }
        requestDraw.yield()
    }

    /// Keeps the shown part of the log in place if it is scrolled back.
    private func changeLog(_ change: (inout RosterModel) -> Void) {
        let before = model.logged
        change(&model)
        if let scroll = view?.scroll, scroll > 0 { view?.scroll = scroll + model.logged - before }
    }

    /// Draws until the user quits or the task is cancelled, then restores the terminal.
    /// - Throws: `.storage` if the terminal cannot be written to.
    func run() async throws(PartyError) {
        screen.open()
        defer { screen.close() }
        requestDraw.yield()
        if model.question != nil { signalQuery.yield() }
        let others = [
            Task { [clock, requestDraw] in
                while !Task.isCancelled {
                    await clock.sleep(.seconds(1))
                    requestDraw.yield()
                }
            },
            Task { for await _ in screen.changes { redraw() } },
            Task { if let keys = screen.keys { for await key in keys { press(key) } } },
            Task { for await _ in byteSignals { take([]) } },
            Task { [notices, requestDraw] in for await _ in notices.additions { requestDraw.yield() } },
        ]
        defer { for other in others { other.cancel() } }
        for await _ in changes {
            try await write(paint())
            await clock.sleep(Self.pace)
        }
    }

    private var now: Timestamp { recording == nil ? clock.now() : recorded ?? clock.now() }

    private func press(_ key: ScreenKey) {
        guard key != .quit else { return requestDraw.finish() }
        guard view?.showsHelp == false else {
            view?.showsHelp = false
            requestDraw.yield()
            return
        }
        let pane = picture.logPane
        switch key {
        case .quit, .escape: break
        case .help: view?.showsHelp = true
        case .redraw: painter.forget()
        case .up: scroll(by: 1, in: pane)
        case .down: scroll(by: -1, in: pane)
        case .pageUp: scroll(by: pane.page, in: pane)
        case .pageDown: scroll(by: -pane.page, in: pane)
        case .first: scroll(by: pane.entries.count, in: pane)
        case .last: scroll(by: -pane.entries.count, in: pane)
        }
        requestDraw.yield()
    }

    private func scroll(by entries: Int, in pane: LogPane) {
        let most = pane.maximumScroll
        view?.scroll = max(0, min(most, min(most, pane.scroll) + entries))
    }

    private func redraw() {
        painter.forget()
        requestDraw.yield()
    }

    private var picture: RosterScreen {
        RosterScreen(
            model: model, size: screen.size(), now: now, notice: notices.last, recording: recording, view: view,
            invocation: invocation)
    }

    private func paint() -> String {
        let picture = picture
        return painter.paint(picture.lines.map { $0.text(style, columns: picture.size.columns) }, picture.size)
    }

    /// Writes on a separate thread, because a terminal may block, for example after Ctrl-S.
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
