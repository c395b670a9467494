internal import Synchronization

/// Finds out whether a stream becomes ready in time: who waits for that is told why not, and does not wait on for ever.
final class StreamReadiness: Sendable {
    private struct State {
        var isReady = false
        var reason: String?
        var failure: PartyError?
    }

    private let state = Mutex(State())
    private let isDecided = Atomic(false)
    /// The stream is ready, or has failed.
    private let decided = OneShotEvent()
    /// The stream is lost at present.
    private let lost = OneShotEvent()

    /// How long a stream may take to be ready.
    static let limit: Duration = .seconds(30)
    /// How long a lost stream may take to be ready again.
    static let outageLimit: Duration = .seconds(10)
    /// The longest wait for a next attempt; a later one is not waited for.
    static let longestWait: Duration = .seconds(5)

    func take(_ events: [StreamEvent]) {
        guard !isDecided.load(ordering: .relaxed) else { return }
        for event in events {
            guard case .lifecycle(let lifecycle) = event.content else { continue }
            switch lifecycle {
            case .ready:
                state.withLock { $0.isReady = true }
                isDecided.store(true, ordering: .relaxed)
                decided.set()
            case .lost(let reason, let wait), .retrying(let reason, let wait, _): lose(reason, wait)
            default: break
            }
        }
    }

    /// There is no stream, for that reason, and the next try comes after the wait.
    func lose(_ reason: String, _ wait: Duration) {
        let isHopeless = wait > Self.longestWait
        state.withLock { state in
            state.reason = reason
            guard isHopeless, !state.isReady, state.failure == nil else { return }
            let seconds = wait.inMilliseconds / 1000
            state.failure = Self.error("\(reason); the next try is in \(seconds) s")
        }
        if isHopeless { decided.set() }
        lost.set()
    }

    /// Returns once the stream is ready.
    /// - Returns: why there is no stream, where it is not ready in time.
    func failure(_ clock: PartyClock) async -> PartyError? {
        let start = clock.uptime()
        await wait(for: [decided, lost], Self.limit, clock)
        if lost.isSet {
            await wait(for: [decided], min(Self.outageLimit, Self.limit - (clock.uptime() - start)), clock)
        }
        return state.withLock { state in
            if state.isReady || Task.isCancelled { return nil }
            if let failure = state.failure { return failure }
            return state.reason.map(Self.error)
                ?? PartyError(
                    .unreachable, "the push stream was not ready within \(Self.limit.inMilliseconds / 1000) s",
                    step: "push")
        }
    }

    private func wait(for milestones: [OneShotEvent], _ limit: Duration, _ clock: PartyClock) async {
        await withTaskGroup(of: Void.self) { group in
            for milestone in milestones { group.addTask { await milestone.wait() } }
            group.addTask { await clock.sleep(limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private static func error(_ reason: String) -> PartyError {
        PartyError(.unreachable, "there is no push stream: \(reason)", step: "push")
    }
}
