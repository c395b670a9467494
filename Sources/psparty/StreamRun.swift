import PartyCore

/// One run of a stream to standard output, until whatever ends it first: enough events, the time, the reader, a signal, or
/// the stream itself.
struct StreamRun {
    private enum End: Sendable {
        case stopped, enough, timedOut
        case failed(PartyError)
    }

    private let context: CommandContext
    private let printer: EventPrinter
    private let sink: LineSink
    private let limit: Int?
    /// Ends when nothing more is to be printed.
    private let enough: AsyncStream<Void>
    private let sayEnough: AsyncStream<Void>.Continuation

    init(context: CommandContext, form: EventPrinter.Form, filter: EventFilter, style: Style, limit: Int?) {
        self.context = context
        self.limit = limit
        let (enough, sayEnough) = AsyncStream<Void>.makeStream()
        self.enough = enough
        self.sayEnough = sayEnough
        sink = LineSink(context.console, onFailure: { sayEnough.finish() })
        printer = EventPrinter(form: form, filter: filter, style: style, limit: limit, sink: sink)
    }

    /// - Throws: `.timeout` where a count was asked for and the time ended first.
    func print(_ feed: PartyFeed, for timeout: Duration?) async throws(PartyError) {
        let end = await firstEnd(feed, timeout)
        try await sink.finish()
        switch end {
        case .stopped, .enough: return
        case .failed(let error): throw error
        case .timedOut:
            guard let limit else { return }
            let printed = await printer.printed
            throw PartyError(.timeout, "the time ended after \(printed) of \(limit) events", step: "listen")
        }
    }

    private func firstEnd(_ feed: PartyFeed, _ timeout: Duration?) async -> End {
        await withTaskGroup(of: End.self) { group in
            group.addTask { [self] in
                do throws(PartyError) {
                    try await feed.run { events in
                        tell(events)
                        await printer.print(events)
                        if await printer.isDone { sayEnough.finish() }
                    }
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

    /// What people should know of the stream, on standard error.
    private func tell(_ events: [StreamEvent]) {
        for event in events {
            guard case .lifecycle(let lifecycle) = event.content, !lifecycle.words.isEmpty else { continue }
            context.notice("psparty: \(lifecycle.words.displayed)")
        }
    }
}
