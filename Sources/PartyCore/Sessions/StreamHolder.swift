/// Holds the profile's push connection: runs it, asks the service what was missed after each loss, and hands everything to
/// our own run and to the processes that joined.
///
/// All deliveries come from `PushSession`'s loop, one at a time, and so do the ends of comparisons; only joining and
/// leaving processes come in between, and they find the state whole.
actor StreamHolder {
    /// Why the service is asked for the parties.
    private enum Reason: Sendable {
        /// A connection was made.
        case connection
        /// Events are missing.
        case gap
        /// Not every loss of an event shows.
        case audit
    }

    private let environment: PartyEnvironment
    private let client: PartyClient
    private let session: PushSession
    private let outlet: StreamOutlet
    private var fold: StreamFold
    private var context: ContextID
    private var lines: [Int: StreamLine] = [:]
    private var lineCount = 0
    /// While a comparison runs, what comes waits, so that an older answer does not undo it.
    private var waiting: [StreamRecord]?
    private var waitingBytes = 0
    private var comparison: Task<Void, Never>?
    private var comparisonCount = 0
    private var lastGapClosed: Duration?
    private var failures = 0
    private var wasLost = false
    private var isReady = false
    private var connection = 0

    /// So many bytes may wait for a comparison; beyond them the stream goes on without.
    private static let waitingLimit = 8 << 20
    /// How long a missing event is waited for before the service is asked.
    private static let gapPatience: Duration = .seconds(1)
    /// How often at most the service is asked because of gaps.
    private static let gapInterval: Duration = .seconds(10)
    private static let auditInterval: Duration = .seconds(600)

    /// - Parameter fold: what the run knows from earlier connections, its own or another process's.
    /// - Parameter context: the mark on our memberships, from an earlier holder where there was one.
    init(
        _ environment: PartyEnvironment, _ options: PartyFeed.Options, fold: StreamFold, context: ContextID?,
        outlet: StreamOutlet
    ) {
        self.environment = environment
        self.outlet = outlet
        let context = context ?? ContextID(environment.random.uuid())
        self.context = context
        var fold = fold
        fold.changeHolder()
        fold.follow(context)
        self.fold = fold
        wasLost = fold.hasConnected
        client = PartyClient(environment)
        var policy = options.policy
        policy.hasStood = fold.hasConnected
        session = PushSession(environment, policy: policy, maximumFrame: options.maximumFrame)
    }

    /// Streams until the task is cancelled.
    func run(_ hold: StreamHold) async throws(PartyError) {
        await lookBeforeConnecting()
        let admission = Task {
            for await line in hold.joined { admit(line) }
        }
        let audit = Task { await auditForever() }
        defer {
            admission.cancel()
            audit.cancel()
            comparison?.cancel()
        }
        try await session.run { delivery, connection, time in
            await self.receive(StreamRecord(delivery, connection: connection, time: time))
        }
    }

    /// What stands before we connect, so that a membership that connecting costs us shows as lost.
    private func lookBeforeConnecting() async {
        let entered = client.partiesEntered()
        guard !entered.isEmpty, !entered.contains(where: { fold.state.parties[$0] != nil }) else { return }
        guard case .success(let outcome) = await outcome(mayHaveLostMembership: false) else { return }
        let time = environment.clock.now()
        await publish(StreamRecord(.snapshot(outcome.snapshot), connection: connection, time: time))
    }

    private func receive(_ record: StreamRecord) async {
        connection = record.connection
        if case .lifecycle(.lost) = record.delivery {
            wasLost = true
            isReady = false
            endComparison()
            await stopWaiting()
        }
        guard waiting == nil else { return await wait(record) }
        await publish(record)
        if case .lifecycle(.ready) = record.delivery {
            isReady = true
            failures = 0
            compare(.connection, after: .zero)
        }
    }

    private func wait(_ record: StreamRecord) async {
        waiting?.append(record)
        if case .frames(let frames) = record.delivery { waitingBytes += frames.reduce(0) { $0 + $1.count } }
        if waitingBytes > Self.waitingLimit { await stopWaiting() }
    }

    private func stopWaiting() async {
        let records = waiting ?? []
        waiting = nil
        waitingBytes = 0
        for record in records { await publish(record) }
    }

    /// - Returns: whether it made any event.
    @discardableResult
    private func publish(_ record: StreamRecord) async -> Bool {
        if !lines.isEmpty {
            var json = JSONWriter()
            record.write(to: &json)
            for line in lines.values { line.send(json.bytes) }
        }
        let events = outlet.put(record, &fold)
        if fold.needsComparison, isReady {
            let rest = lastGapClosed.map { $0 + Self.gapInterval - environment.clock.uptime() } ?? .zero
            compare(.gap, after: max(Self.gapPatience, rest))
        }
        await outlet.receive(events)
        return !events.isEmpty
    }
}

// MARK: - Other processes

extension StreamHolder {
    private func admit(_ line: StreamLine) {
        var json = JSONWriter()
        let isInSync = isReady && !wasLost && waiting == nil
        StreamGreeting(context: context, isReady: isReady, isInSync: isInSync, connection: connection).write(to: &json)
        let known = fold.state.parties.values.map { StreamSnapshot.Entry(id: $0.id, party: $0) }
        StreamRecord(.snapshot(StreamSnapshot(known)), connection: connection, time: environment.clock.now())
            .write(to: &json)
        line.send(json.bytes)
        lineCount += 1
        let number = lineCount
        lines[number] = line
        Task { [weak self] in
            // Nothing is said on the other side; its end is what matters.
            for await _ in line.received {}
            await self?.dismiss(number)
        }
    }

    private func dismiss(_ number: Int) {
        lines[number]?.close()
        lines[number] = nil
    }
}

// MARK: - Comparing with the service

extension StreamHolder {
    private func auditForever() async {
        while !Task.isCancelled {
            await environment.clock.sleep(Self.auditInterval)
            guard !Task.isCancelled else { return }
            if isReady, !fold.state.parties.isEmpty { compare(.audit, after: .zero) }
        }
    }

    private func compare(_ reason: Reason, after wait: Duration) {
        guard comparison == nil else { return }
        if wait == .zero { waiting = waiting ?? [] }
        comparisonCount += 1
        let number = comparisonCount
        comparison = Task { [environment, session] in
            if wait > .zero { await environment.clock.sleep(wait) }
            guard !Task.isCancelled else { return }
            let result = await self.result(of: reason)
            guard !Task.isCancelled else { return }
            session.atRest { await self.finish(reason, result, number) }
        }
    }

    private func endComparison() {
        comparison?.cancel()
        comparison = nil
    }

    /// `nil` where there is no reason any more.
    private func result(of reason: Reason) async -> Result<PartyComparison.Outcome, PartyError>? {
        guard reason != .gap || fold.needsComparison else { return nil }
        waiting = waiting ?? []
        return await outcome(mayHaveLostMembership: reason == .connection)
    }

    private func outcome(mayHaveLostMembership: Bool) async -> Result<PartyComparison.Outcome, PartyError> {
        let comparison = PartyComparison(
            client: client, known: fold.state, mayHaveLostMembership: mayHaveLostMembership)
        return await environment.clock.within(PartyComparison.patience, step: "comparison") { () throws(PartyError) in
            try await comparison.run()
        }
    }

    private func finish(
        _ reason: Reason, _ result: Result<PartyComparison.Outcome, PartyError>?, _ number: Int
    ) async {
        guard number == comparisonCount, comparison != nil else { return }
        comparison = nil
        switch result {
        case nil: break
        case .success(let outcome): await take(outcome, reason)
        case .failure(let error):
            environment.trace?.tell(.note("push: the parties could not be compared: \(error.message)"))
            await stopWaiting()
            failures += 1
            return compare(reason, after: .seconds(1 << min(failures, 6)))
        }
        await stopWaiting()
    }

    private func take(_ outcome: PartyComparison.Outcome, _ reason: Reason) async {
        failures = 0
        if reason == .gap { lastGapClosed = environment.clock.uptime() }
        for context in outcome.rejoined.values {
            self.context = context
            fold.follow(context)
        }
        func record(_ delivery: StreamDelivery) -> StreamRecord {
            StreamRecord(delivery, connection: connection, time: environment.clock.now())
        }
        let hasDiffered = await publish(record(.snapshot(outcome.snapshot)))
        let isTold = wasLost || reason == .gap || !outcome.rejoined.isEmpty || (reason == .audit && hasDiffered)
        wasLost = false
        guard isTold else { return }
        let rejoined = outcome.rejoined.keys.sorted { $0.text < $1.text }
        await publish(record(.lifecycle(.resynced(rejoined: rejoined))))
    }
}
