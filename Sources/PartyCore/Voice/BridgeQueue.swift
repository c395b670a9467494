internal import Synchronization

/// Executes the work on the party's bridge for one voice run, one item at a time, in order. Voice between members needs no
/// bridge, so a failure does not end the run: the bridge is opened again after a pause.
final class BridgeQueue: Sendable {
    enum Work: Sendable, Equatable {
        /// Opens the bridge at the start of a run, after the members before us in the roster had the time to do so.
        case begin(from: PartyLook)
        case open
        case answer(sdp: String)
        /// Requests a new offer of the bridge, or opens it if there is no place on it.
        case renew
        /// Checks whether the place is still on the party's bridge, unless the service was asked since then, and moves
        /// it if it is not.
        case check(since: Duration)
        /// Removes the place, because the engine wants none.
        case drop
        /// Opens the bridge after a wait, unless something else has done so.
        case retry(attempt: Int, from: PartyLook?)
    }

    /// The result of an item.
    enum News: Sendable, Equatable {
        /// The members, which the look-up of the bridge also returned.
        case looked(PartyLook)
        /// The bridge's offer, and how many others had a place on the bridge before.
        case offered(sdp: String, others: Int)
        /// The answer was delivered.
        case answered
        /// The place is gone, or on a bridge that no longer counts.
        case lost(PartyError)
        case failed(PartyError)
    }

    private let work: BridgeWork
    private let me: Signal.Endpoint
    private let tell: @Sendable (News) async -> Void
    private let lookedAt: LastLook
    private let waiting: AsyncStream<Work>
    private let post: AsyncStream<Work>.Continuation

    init(_ client: PartyClient, _ identity: VoiceIdentity, tell: @escaping @Sendable (News) async -> Void) {
        let lookedAt = LastLook()
        let note: @Sendable (News) async -> Void = { news in
            if case .looked(let look) = news { lookedAt.note(look) }
            await tell(news)
        }
        work = BridgeWork(session: BridgeSession(client), party: identity.party, tell: note)
        me = identity.me
        self.tell = tell
        self.lookedAt = lookedAt
        (waiting, post) = AsyncStream<Work>.makeStream()
    }

    func add(_ work: Work) {
        post.yield(work)
    }

    /// Executes the items until the task is cancelled: then the current one ends and the rest is dropped.
    func run() async {
        var recovery = BridgeRecovery()
        await withDiscardingTaskGroup { timers in
            for await next in waiting {
                guard !Task.isCancelled else { break }
                guard let later = await perform(next, &recovery) else { continue }
                timers.addTask { [post, clock = environment.clock] in
                    await clock.sleep(later.wait)
                    if !Task.isCancelled { post.yield(later.work) }
                }
            }
            timers.cancelAll()
        }
    }

    private var environment: PartyEnvironment { work.session.environment }

    private typealias Later = (work: Work, wait: Duration)

    private func perform(_ next: Work, _ recovery: inout BridgeRecovery) async -> Later? {
        do throws(PartyError) { return try await execute(next, &recovery) } catch {
            return error.kind == .cancelled ? nil : await recover(from: error, in: next, &recovery)
        }
    }

    /// - Returns: the item to execute later, and when.
    private func execute(_ next: Work, _ recovery: inout BridgeRecovery) async throws(PartyError) -> Later? {
        switch next {
        case .begin(let look):
            let rank = look.party.endpoints(but: nil).firstIndex(of: me) ?? 0
            let wait = BridgeRecovery.wait(rank: rank, chance: environment.random.fraction())
            // A bridge that was there a moment ago is looked for once more: who is there is asked by the way.
            guard look.bridges.isEmpty else { return (.open, .zero) }
            return (.retry(attempt: recovery.postpone(), from: look), wait)
        case .open:
            recovery.begin()
            try await work.open()
        case .retry(let attempt, let look):
            if recovery.begin(attempt) { try await work.open(from: look) }
        case .renew:
            recovery.begin()
            try await work.renew()
        case .check(let since):
            guard lookedAt.time < since else { return nil }
            if try work.isOpen() {
                if try await work.check() { recovery.begin() }
            } else if recovery.isWaiting {
                // Another member has linked a bridge, say, while we wait to open one.
                recovery.begin()
                try await work.open()
            }
        case .drop:
            recovery.begin()
            try await work.drop()
        case .answer(let sdp):
            try await work.answer(sdp)
            recovery.succeed()
        }
        return nil
    }

    private func recover(
        from error: PartyError, in next: Work, _ recovery: inout BridgeRecovery
    ) async -> Later? {
        switch next {
        case .drop:
            await tell(.failed(error))
            return nil
        case .answer where error.mayHaveActed && recovery.loseAnswer():
            if recovery.tell(error) { await tell(.failed(error)) }
            return (.renew, .zero)
        case .begin, .open, .retry, .renew, .check, .answer:
            let plan = recovery.fail(error, chance: environment.random.fraction())
            if plan.isNews { await tell(.failed(error)) }
            if case .check = next, (try? work.isOpen()) == true {
                return (.check(since: environment.clock.uptime() + plan.wait), plan.wait)
            }
            return (.retry(attempt: plan.attempt, from: nil), plan.wait)
        }
    }
}

/// When the service was last asked for the party session.
private final class LastLook: Sendable {
    private let latest = Mutex<Duration>(.zero)

    var time: Duration { latest.withLock { $0 } }

    func note(_ look: PartyLook) {
        latest.withLock { $0 = max($0, look.askedAt) }
    }
}
