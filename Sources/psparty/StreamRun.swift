import PartyCore
import PartyLive

/// Where events come from, the push stream or a recording: hands them on in order, and returns when there are no more or
/// its task is cancelled.
typealias EventSource = @Sendable (StreamReceiver) async throws(PartyError) -> Void

/// One run of a stream to standard output, until whatever ends it first: enough events, the time, the reader, a signal, or
/// the stream itself.
struct StreamRun: Sendable {
    private enum End: Sendable {
        case stopped, enough, timedOut
        case failed(PartyError)

        var isTimedOut: Bool { if case .timedOut = self { true } else { false } }
    }

    private let context: CommandContext
    private let printer: EventPrinter
    private let output: LineSpool
    private let program: EventProgram?
    private let recording: RecordingFile?
    private let limit: Int?
    /// Ends when nothing more is to be printed.
    private let enough: AsyncStream<Void>
    private let sayEnough: AsyncStream<Void>.Continuation

    /// How long a reader that is behind may take after the time has ended.
    private static let grace: Duration = .seconds(1)
    /// So many events may wait for whoever takes them before `catchUp` does.
    private static let lead = 1000

    /// - Parameter filter: with what the options say of it, and more.
    /// - Parameter record: the file of `--record`; `recording` puts it into the options of the feed.
    /// - Parameter first: the number of the first event that is printed; those before it are only counted.
    /// - Throws: `.notFound` where there is no program as `--exec` names it, and where the file cannot be appended to.
    init(
        _ context: CommandContext, _ options: EventOptions, _ filter: EventFilter, record: String? = nil, first: Int = 1
    ) throws(PartyError) {
        let manner = EventPrinter.Manner(
            form: options.form(in: context), filter: filter, style: context.style, limit: options.count, first: first)
        try self.init(context, manner, exec: options.exec, record: record)
    }

    /// - Parameter exec: a program to run for each event.
    init(
        _ context: CommandContext, _ manner: EventPrinter.Manner, exec: String? = nil, record: String? = nil
    ) throws(PartyError) {
        self.context = context
        limit = manner.limit
        let (enough, sayEnough) = AsyncStream<Void>.makeStream()
        self.enough = enough
        self.sayEnough = sayEnough
        output = context.console.spool(context.room, onFailure: { sayEnough.finish() })
        program = if let name = exec { try EventProgram(name, context) } else { nil }
        recording =
            if let record, let account = manner.filter.me {
                try RecordingFile(
                    record, account: account, startedAt: context.clock.now(), spillPolicy: context.room,
                    onFailure: { sayEnough.finish() })
            } else { nil }
        if let notice = recording?.notice { context.notice("psparty: \(notice.displayed)") }
        printer = EventPrinter(manner, output: output, program: program?.spool)
    }

    /// The options of a feed that is recorded as the command line wants it.
    func recording(_ options: PartyFeed.Options) -> PartyFeed.Options {
        guard let recording else { return options }
        var options = options
        options.record = { recording.take($0) }
        return options
    }

    /// Whether the next event is to be printed, and not only counted.
    var hasBegun: Bool { printer.hasBegun }

    /// Waits until whoever takes the events is not far behind: for a source that can wait.
    func catchUp() async {
        if output.waiting > Self.lead || program.map({ $0.spool.waiting > Self.lead }) == true { await drained() }
    }

    /// - Throws: `.timeout` where a count was asked for and the time ended first, or before the reader took everything.
    func print(_ source: @escaping EventSource, for timeout: Duration? = nil) async throws(PartyError) {
        let deadline = timeout.map { context.clock.uptime() + $0 }
        let end = await firstEnd(source, timeout)
        context.supervised?.end()
        await settle(end, until: deadline)
        let unwritten = output.waiting
        let failure = output.failure
        output.abandon()
        if case .failed(let error)? = failure { throw error }
        let rest =
            unwritten == 0 || failure != nil
            ? nil : "\(unwritten) lines were not written, since the reader did not take them"
        let fault: PartyError? =
            if case .failed(let error)? = recording?.spool.failure { error } else if case .failed(let error) = end {
                error
            } else { nil }
        if let fault {
            if let rest { context.console.complain("psparty: \(rest)\n") }
            throw fault
        }
        guard end.isTimedOut || deadline.map({ context.clock.uptime() >= $0 }) == true else {
            if let rest { context.console.complain("psparty: \(rest)\n") }
            return
        }
        try judgeTime(rest)
    }

    private func judgeTime(_ rest: String?) throws(PartyError) {
        let printed = printer.printed
        // The last of them may be that the stream stops.
        let short = limit.flatMap { printed < $0 ? "the time ended after \(printed) of \($0) events" : nil }
        guard short != nil || rest != nil else { return }
        let words = [short ?? "the time ended", rest].compactMap { $0 }.joined(separator: ", and ")
        throw PartyError(.timeout, words, step: "listen")
    }

    private func firstEnd(_ source: @escaping EventSource, _ timeout: Duration?) async -> End {
        await withTaskGroup(of: End.self) { group in
            group.addTask { [self] in
                do throws(PartyError) {
                    try await source(
                        .atOnce { events in
                            tell(events)
                            context.supervised?.take(events)
                            if printer.print(events) { sayEnough.finish() }
                        })
                    return .stopped
                } catch { return .failed(error) }
            }
            group.addTask { [enough] in
                for await _ in enough {}
                return Task.isCancelled ? .stopped : .enough
            }
            if let timeout {
                group.addTask { [clock = context.clock] in
                    await clock.sleep(timeout)
                    return Task.isCancelled ? .stopped : .timedOut
                }
            }
            let first = await group.next() ?? .stopped
            group.cancelAll()
            await group.waitForAll()
            return first
        }
    }

    /// Whoever is behind gets the time to catch up: as long as there is, until Ctrl-C, or a moment, where it is over.
    private func settle(_ end: End, until deadline: Duration?) async {
        if let deadline {
            let rest = max(.zero, deadline - context.clock.uptime())
            await context.clock.run(for: rest) { [self] in await drained() }
        } else {
            await drained()
        }
        let grace = end.isTimedOut ? Self.grace : LineSpool.graceAtInterrupt
        // Not in our own task, which Ctrl-C has cancelled.
        await Task { [self] in
            if isBehind { await context.clock.run(for: grace) { [self] in await drained() } }
            await program?.finish(context.clock)
        }.value
    }

    private var isBehind: Bool {
        [output, program?.spool, recording?.spool].contains { spool in
            spool.map { $0.failure == nil && $0.waiting > 0 } ?? false
        }
    }

    private func drained() async {
        async let printed: Void = output.drained()
        async let recorded: Void? = recording?.spool.drained()
        await program?.spool.drained()
        _ = await recorded
        await printed
    }

    /// What people should know of the stream, on standard error.
    private func tell(_ events: [StreamEvent]) {
        for event in events {
            guard case .lifecycle(let lifecycle) = event.content, !lifecycle.words.isEmpty else { continue }
            context.notice("psparty: \(lifecycle.words.displayed)")
        }
    }
}
