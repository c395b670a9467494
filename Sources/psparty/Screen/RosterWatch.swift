import PartyCore

/// One run of a live roster: the stream, the screen, and the questions that the stream leaves open.
struct RosterWatch: Sendable {
    let context: CommandContext
    let show: RosterShow
    /// What has been asked already.
    let asked: RosterBoard.Question?
    /// Whether to end by itself.
    let timeout: Duration?

    /// How often a party session that we are not in is looked up: what others found to be bearable (docs/protocol.md, 3.3).
    private static let lookUpInterval: Duration = .seconds(10)
    private static let shortInterval: Duration = .seconds(1)

    /// Runs until the task is cancelled, the time is over, or one of its parts fails.
    func run(_ source: @escaping EventSource) async throws(PartyError) {
        try await run(asking: true, source)
    }

    private func run(asking: Bool, _ source: @escaping EventSource) async throws(PartyError) {
        let failure = await withTaskGroup(of: PartyError?.self) { group in
            group.addTask {
                await Self.failure { () throws(PartyError) in try await source(.inItsTime { await show.take($0) }) }
            }
            group.addTask { await Self.failure { () throws(PartyError) in try await show.run() } }
            if asking { group.addTask { await ask() } }
            if let timeout { group.addTask { await wait(timeout) } }
            let first = await group.next() ?? nil
            group.cancelAll()
            await group.waitForAll()
            return first
        }
        if let failure { throw failure }
    }

    /// Shows a recording, and its end until the task is cancelled or the time is over. Nothing is asked.
    func run(recorded source: @escaping EventSource) async throws(PartyError) {
        try await run(asking: false) { receiver throws(PartyError) in
            try await source(receiver)
            await show.end()
            let (nothing, end) = AsyncStream<Void>.makeStream()
            // Ends with the task.
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
        for await _ in show.inquiries {
            while let question = await show.question {
                // Another question, where the stream told something meanwhile: it may have made the answer an old one.
                if let last { await context.clock.sleep(last == question ? Self.lookUpInterval : Self.shortInterval) }
                guard !Task.isCancelled else { return nil }
                await ask(question)
                last = question
            }
        }
        return nil
    }

    private func ask(_ question: RosterBoard.Question) async {
        do throws(PartyError) {
            await show.take(try await context.client.party(question.party), for: question)
        } catch {
            if error.kind == .notFound || error.kind == .forbidden { await show.take(nil, for: question) }
        }
    }
}
