import PartyCore

/// Runs a live roster: the stream, the screen, and requests for what the stream does not deliver.
struct RosterWatch: Sendable {
    let context: CommandContext
    let renderer: RosterRenderer
    /// The request that was already sent.
    let asked: RosterModel.Question?
    /// Ends the run after this time.
    let timeout: Duration?

    /// The polling interval for a party that this account is not in (docs/protocol.md, 3.3).
    private static let lookUpInterval: Duration = .seconds(10)
    private static let shortInterval: Duration = .seconds(1)

    /// Runs until the task is cancelled, the time ends, or a part fails.
    func run(_ source: @escaping EventSource) async throws(PartyError) {
        try await run(asking: true, source)
    }

    private func run(asking: Bool, _ source: @escaping EventSource) async throws(PartyError) {
        let failure = await withTaskGroup(of: PartyError?.self) { group in
            group.addTask {
                await Self.failure { () throws(PartyError) in try await source(.inItsTime { await renderer.take($0) }) }
            }
            group.addTask { await Self.failure { () throws(PartyError) in try await renderer.run() } }
            if asking { group.addTask { await ask() } }
            if let timeout { group.addTask { await wait(timeout) } }
            let first = await group.next() ?? nil
            group.cancelAll()
            await group.waitForAll()
            return first
        }
        if let failure { throw failure }
    }

    /// Shows a recording and keeps its end on the screen until the task is cancelled or the time ends. Sends no request.
    func run(recorded source: @escaping EventSource) async throws(PartyError) {
        try await run(asking: false) { receiver throws(PartyError) in
            try await source(receiver)
            await renderer.end()
            let (nothing, end) = AsyncStream<Void>.makeStream()
            // Waits until the task is cancelled.
            for await _ in nothing {}
            end.finish()
        }
    }

    private static func failure(_ body: () async throws(PartyError) -> Void) async -> PartyError? {
        do throws(PartyError) { try await body() } catch { return error }
        return nil
    }

    private func wait(_ duration: Duration) async -> PartyError? {
        await context.clock.sleep(duration)
        return nil
    }

    private func ask() async -> PartyError? {
        var last = asked
        for await _ in renderer.queries {
            while let question = await renderer.question {
                // The request changes if events came in the meantime, because they make its response stale.
                if let last { await context.clock.sleep(last == question ? Self.lookUpInterval : Self.shortInterval) }
                guard !Task.isCancelled else { return nil }
                await ask(question)
                last = question
            }
        }
        return nil
    }

    private func ask(_ question: RosterModel.Question) async {
        do throws(PartyError) {
            await renderer.take(try await context.client.party(question.party), for: question)
        } catch {
            if error.kind == .notFound || error.kind == .forbidden { await renderer.take(nil, for: question) }
        }
    }
}
