import PartyCore
import PartyLive

extension Console {
    /// A queue for standard output, for streams.
    func spool(_ spillPolicy: LineSpool.SpillPolicy, onFailure: @escaping @Sendable () -> Void) -> LineSpool {
        LineSpool(.pieces(of: pieceSize), spillPolicy, attempt: outputNow, onFailure: onFailure) {
            (lines) throws(LineSpool.Failure) in
            do throws(WriteError) { try output(lines) } catch {
                throw PartyError(error).map { .failed($0) } ?? .takerLeft
            }
        }
    }
}

extension LineSpool {
    /// How long a slow reader may take after Ctrl-C.
    static let graceAtInterrupt: Duration = .milliseconds(200)

    /// Waits until all lines are written, or for a short grace period after Ctrl-C; then closes the queue.
    /// - Throws: a write failure. A closed pipe is not a failure.
    func finish(_ clock: PartyClock) async throws(PartyError) {
        await drained()
        await Task { [self] in
            if failure == nil, waiting > 0 {
                await clock.run(for: Self.graceAtInterrupt) { [self] in await drained() }
            }
        }.value
        defer { abandon() }
        if case .failed(let error)? = failure { throw error }
    }
}

extension PartyClock {
    /// Runs `body` until it ends or the time is over.
    func run(for time: Duration, _ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await body() }
            group.addTask { await self.sleep(time) }
            await group.next()
            group.cancelAll()
        }
    }
}
