import PartyCore
import PartyLive
internal import Synchronization

/// A source of events: the push stream or a recording. Delivers them in order and returns when there are no more or its
/// task is cancelled.
typealias EventSource = @Sendable (StreamReceiver) async throws(PartyError) -> Void

/// Prints a stream to standard output until the first of: enough events, the timeout, a closed reader, a signal, or the
/// end of the stream.
struct StreamRun: Sendable {
    private enum End: Sendable {
        case stopped, limitReached, timedOut
        case failed(PartyError)

        var isTimedOut: Bool { if case .timedOut = self { true } else { false } }
    }

    private let context: CommandContext
    /// `nil` if the source prints by `put`.
    private let printer: EventPrinter?
    private let output: LineSpool
    private let program: EventProgram?
    private let recording: RecordingFile?
    private let limit: Int?
    /// The user to name once the stream is ready and a terminal waits; `nil` for no such notice.
    var listener: String?
    private let notices = StreamNotices()
    /// Ends when nothing more will be printed.
    private let limitReached: AsyncStream<Void>
    private let signalLimit: AsyncStream<Void>.Continuation

    /// How long a slow reader may take after the timeout.
    private static let grace: Duration = .seconds(1)
    /// `catchUp` waits only if more events than this are queued.
    private static let lead = 1000

    /// - Parameter filter: the complete filter, including the filter options.
    /// - Parameter record: the file of `--record`; `recording` adds it to the options of the feed.
    /// - Parameter first: the number of the first event to print; earlier events are only counted.
    /// - Throws: `.notFound` if the program of `--exec` does not exist; an error if the file cannot be opened.
    init(
        _ context: CommandContext, _ options: EventOptions, _ filter: EventFilter, record: String? = nil, first: Int = 1
    ) throws(PartyError) {
        let printing = EventPrinter.Options(
            form: options.form(in: context), filter: filter, style: context.style, limit: options.count?.value,
            first: first, invocation: context.configuration.invocation)
        try self.init(context, printing, exec: options.exec, record: record)
    }

    /// Prints what the source puts, and of the events only the notices about the stream.
    init(_ context: CommandContext) {
        self.context = context
        limit = nil
        let (limitReached, signalLimit) = AsyncStream<Void>.makeStream()
        self.limitReached = limitReached
        self.signalLimit = signalLimit
        output = context.console.spool(context.spillPolicy, onFailure: { signalLimit.finish() })
        program = nil
        recording = nil
        printer = nil
    }

    /// - Parameter exec: a program to run for each event.
    init(
        _ context: CommandContext, _ options: EventPrinter.Options, exec: String? = nil, record: String? = nil
    ) throws(PartyError) {
        self.context = context
        limit = options.limit
        let (limitReached, signalLimit) = AsyncStream<Void>.makeStream()
        self.limitReached = limitReached
        self.signalLimit = signalLimit
        output = context.console.spool(context.spillPolicy, onFailure: { signalLimit.finish() })
        program = if let name = exec { try EventProgram(name, context) } else { nil }
        recording =
            if let record, let account = options.filter.me {
                try RecordingFile(
                    record, account: account, startedAt: context.clock.now(), spillPolicy: context.spillPolicy,
                    onFailure: { signalLimit.finish() })
            } else { nil }
        if let notice = recording?.notice { context.notice("psparty: \(notice.displayed)") }
        printer = EventPrinter(options, output: output, program: program?.spool)
    }

    /// Adds the recording of `--record` to the options of a feed.
    func recording(_ options: PartyFeed.Options) -> PartyFeed.Options {
        guard let recording else { return options }
        var options = options
        options.record = { recording.take($0) }
        return options
    }

    /// The number of events printed so far.
    var printed: Int { printer?.printed ?? 0 }

    /// Whether the next event is printed, not only counted.
    var hasBegun: Bool { printer?.hasBegun ?? true }

    /// Prints complete lines. Never waits.
    func put(_ lines: [UInt8]) {
        output.put(lines, count: lines.count { $0 == 0x0A })
    }

    /// Waits while the reader is far behind. For sources that can be paused.
    func catchUp() async {
        if output.waiting > Self.lead || program.map({ $0.spool.waiting > Self.lead }) == true { await drained() }
    }

    /// - Throws: `.timeout` if the time ended before `--count` was reached or before the reader took everything.
    func print(_ source: @escaping EventSource, for timeout: Duration? = nil) async throws(PartyError) {
        let deadline = timeout.map { context.clock.uptime() + $0 }
        let end = await firstEnd(source, timeout)
        context.serviceNotifier?.end()
        await settle(end, until: deadline)
        let unwritten = output.waiting
        let failure = output.failure
        output.abandon()
        if case .failed(let error)? = failure { throw error }
        let rest =
            unwritten == 0 || failure != nil
            ? nil : "\(unwritten) lines were not written because the reader did not read them"
        let fault: PartyError? =
            if case .failed(let error)? = recording?.spool.failure { error } else if case .failed(let error) = end {
                error
            } else { nil }
        if let fault {
            if let rest { context.console.errorOutput("psparty: \(rest)\n") }
            throw fault
        }
        guard end.isTimedOut || deadline.map({ context.clock.uptime() >= $0 }) == true else {
            if let rest { context.console.errorOutput("psparty: \(rest)\n") }
            return
        }
        try judgeTime(rest)
    }

    private func judgeTime(_ rest: String?) throws(PartyError) {
        let printed = printer?.printed ?? 0
        // The last event may be that the stream stops.
        let shortfall = limit.flatMap { printed < $0 ? "--timeout expired after \(printed) of \($0) events" : nil }
        guard shortfall != nil || rest != nil else { return }
        let words = [shortfall ?? "--timeout expired", rest].compactMap { $0 }.joined(separator: ", and ")
        throw PartyError(.timeout, words, step: "listen")
    }

    private func firstEnd(_ source: @escaping EventSource, _ timeout: Duration?) async -> End {
        await withTaskGroup(of: End.self) { group in
            group.addTask { [self] in
                do throws(PartyError) {
                    try await source(
                        .atOnce { events in
                            printNotices(events)
                            context.serviceNotifier?.take(events)
                            if printer?.print(events) == true { signalLimit.finish() }
                        })
                    return .stopped
                } catch { return .failed(error) }
            }
            group.addTask { [limitReached] in
                for await _ in limitReached {}
                return Task.isCancelled ? .stopped : .limitReached
            }
            group.addTask { [readerExit = context.console.readerExit] in
                await readerExit.wait()
                return Task.isCancelled ? .stopped : .limitReached
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

    /// Gives slow readers time to catch up: until the deadline, else until Ctrl-C; after that a short grace period.
    private func settle(_ end: End, until deadline: Duration?) async {
        if let deadline {
            let rest = max(.zero, deadline - context.clock.uptime())
            await context.clock.run(for: rest) { [self] in await drained() }
        } else {
            await drained()
        }
        let grace = end.isTimedOut ? Self.grace : LineSpool.graceAtInterrupt
        // In a new task, because Ctrl-C has cancelled the current one.
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

    /// Prints notices about the stream on standard error.
    private func printNotices(_ events: [StreamEvent]) {
        for event in events {
            guard case .lifecycle(let lifecycle) = event.content else { continue }
            if let notice = notices.take(lifecycle, listener), context.isWatched { context.notice(notice) }
            guard !lifecycle.words.isEmpty else { continue }
            context.notice("psparty: \(lifecycle.words.displayed)")
        }
    }
}

/// What a terminal that waits is told of the stream's beginning and return.
private final class StreamNotices: Sendable {
    private struct State {
        var hasNamedListener = false
        var isLost = false
    }

    private let state = Mutex(State())

    func take(_ lifecycle: StreamLifecycle, _ listener: String?) -> String? {
        state.withLock { state in
            if case .lost = lifecycle { state.isLost = !lifecycle.isTakeover }
            guard lifecycle == .ready else { return nil }
            defer { state.isLost = false }
            if let listener, !state.hasNamedListener {
                state.hasNamedListener = true
                return "listening as \(listener.displayed); waiting for events"
            }
            return state.isLost ? "psparty: the stream is back" : nil
        }
    }
}
