/// Decides when the holder of the push connection compares its state with the service, which events wait for the
/// comparison, and which are delivered. `StreamHolder` executes it (docs/protocol.md, 7.4 and 7.5).
struct StreamMachine: Sendable {
    enum Input: Sendable {
        /// A record of the stream arrived.
        case arrived(StreamRecord)
        /// The result of a look-up before the first connection.
        case lookedUp(PartyComparison.Outcome)
        /// The result of the comparison with that number.
        case compared(Result<PartyComparison.Outcome, PartyError>, number: Int)
        /// Another process follows the stream from now on.
        case joined
        /// The deadline may have passed.
        case ticked
        /// The stream has ended; nothing follows.
        case ended
    }

    enum Action: Sendable {
        /// Send the record to the followers, and deliver the events to our own run.
        case deliver(StreamRecord, [StreamEvent], connection: Int)
        /// Start a comparison: read the state of the parties from the service.
        case compare(number: Int, known: PartyState, mayHaveLostMembership: Bool)
        /// Cancel the running comparison.
        case cancelComparison
        /// A comparison failed and will be tried again.
        case note(PartyError)
        case reportFault(MachineFault)
    }

    /// The reason of a comparison, the most important last.
    private enum Reason: Int, Sendable {
        /// A periodic check: some lost events leave no gap.
        case audit
        /// A new party is known from events only, which are incomplete.
        case newcomer
        /// Events are missing or incomplete.
        case gap
        /// The stream connected.
        case connection
    }

    private enum Phase: Sendable {
        /// No events flow: before the first connection, after a loss and while connecting. `compared` may come late;
        /// `lookedUp` comes only here.
        case down(Outage?)
        /// Events flow. The stream neither connects nor becomes ready a second time.
        case ready(Checks)
        /// After `ended`: no input is legal.
        case over
    }

    /// A loss of the stream, with the time of the next attempt.
    private struct Outage: Sendable {
        let reason: String
        let until: Duration
    }

    /// The comparisons of a stream that is ready.
    private struct Checks: Sendable {
        var comparison = Comparison.none
        /// When the next audit is due; `nil` before the first comparison of this connection.
        var auditDue: Duration?
        /// How many comparisons have failed in a row.
        var failures = 0
    }

    private enum Comparison: Sendable {
        case none
        case due(Reason, at: Duration)
        /// While `holdsBack`, arriving records wait, so that the result, which is older, does not overwrite them. If
        /// too many arrive, they are delivered, and another comparison follows.
        case running(Reason, number: Int, holdsBack: Bool)
    }

    private(set) var fold: StreamFold
    /// The context for new memberships.
    private(set) var context: ContextID
    /// The session's number of the present connection.
    private(set) var connection = 0
    /// Whether our own run needs no comparison, so that the first one waits until another process joins.
    var defersFirstComparison = false
    private var phase = Phase.down(nil)
    private var pace = ComparisonPace()
    /// The number of comparisons started.
    private var comparisons = 0
    /// Whether `resynced` must be delivered after the next comparison.
    private var owesResync: Bool
    private var rejoined: Set<PartyID> = []
    /// The records that wait for a comparison.
    private var waiting: [StreamRecord] = []
    private var waitingBytes = 0

    /// The number of bytes that may wait for a comparison.
    private static let waitingLimit = 8 << 20
    /// How long a missing event may be late before a comparison starts.
    private static let debounce: Duration = .seconds(1)
    private static let auditInterval: Duration = .seconds(600)

    /// - Parameter fold: the state from earlier connections, of this run or of another process.
    init(fold: StreamFold, context: ContextID) {
        var fold = fold
        fold.changeHolder()
        fold.follow(context)
        self.fold = fold
        self.context = context
        owesResync = fold.hasConnected
    }

    /// Whether events flow at present.
    var isReady: Bool { if case .ready = phase { true } else { false } }

    /// Whether the known state of the parties is complete, as far as we know.
    var isInSync: Bool {
        guard case .ready(let checks) = phase, checks.auditDue != nil else { return false }
        if case .running(_, _, holdsBack: true) = checks.comparison { return false }
        return true
    }

    /// The present outage, for processes that join during it; `nil` if there is none.
    func outage(at now: Duration) -> StreamGreeting.Outage? {
        guard case .down(let outage?) = phase else { return nil }
        return StreamGreeting.Outage(reason: outage.reason, retryAfter: max(.zero, outage.until - now))
    }

    /// When `ticked` is due; `nil` if no time has to pass.
    var deadline: Duration? {
        guard case .ready(let checks) = phase else { return nil }
        return switch checks.comparison {
        case .none: checks.auditDue
        case .due(_, let at): at
        case .running: nil
        }
    }

    /// - Parameter now: time that only grows.
    /// - Parameter time: the time of day, for the records.
    mutating func handle(_ input: Input, at now: Duration, time: Timestamp) -> [Action] {
        var turn = Turn(now: now, time: time)
        switch (phase, input) {
        case (.over, _): fault(input, &turn)
        case (_, .arrived(let record)): take(record, &turn)
        case (.down, .lookedUp(let outcome)): deliver(.snapshot(outcome.snapshot), &turn)
        case (.ready, .lookedUp): fault(input, &turn)
        case (_, .compared(_, let number)) where number < 1 || number > comparisons: fault(input, &turn)
        case (.ready(let checks), .compared(let result, let number)):
            // Another number is the late result of a cancelled comparison.
            guard case .running(let reason, number, let holdsBack) = checks.comparison else { break }
            set(.none, in: checks)
            switch result {
            case .success(let outcome): take(outcome, reason, hasOverflowed: !holdsBack, &turn)
            case .failure(let error): retry(reason, error, &turn)
            }
        case (.down, .compared): break  // the late result of a cancelled comparison
        case (_, .joined): join(&turn)
        case (.ready(let checks), .ticked): tick(checks, &turn)
        case (.down, .ticked): break  // the timer was set before the loss
        case (_, .ended):
            // Records that wait for a comparison have arrived and are delivered.
            stop(nil, &turn)
            phase = .over
        }
        return turn.actions
    }

    private struct Turn {
        let now: Duration
        let time: Timestamp
        var actions: [Action] = []
    }

    private func fault(_ input: some Sendable, _ turn: inout Turn) {
        turn.actions.append(.reportFault(MachineFault(input, in: phase)))
    }

    private mutating func take(_ record: StreamRecord, _ turn: inout Turn) {
        connection = record.connection
        if case .lifecycle(let lifecycle) = record.delivery {
            take(lifecycle, record, &turn)
        } else {
            deliverOrWait(record, &turn)
        }
    }

    private mutating func take(_ lifecycle: StreamLifecycle, _ record: StreamRecord, _ turn: inout Turn) {
        switch (lifecycle, phase) {
        case (.lost(let reason, let wait), _): stop(Outage(reason: reason, until: turn.now + wait), &turn)
        case (.stopping, .ready): stop(nil, &turn)
        case (.retrying(let reason, let wait, _), .down):
            phase = .down(Outage(reason: reason, until: turn.now + wait))
        case (.connected, .down): phase = .down(nil)
        case (.ready, .down):
            deliver(record, &turn)
            return becomeReady(&turn)
        case (.retrying, _), (.connected, _), (.ready, _): fault(lifecycle, &turn)
        case (.resynced, _), (.tokenRenewed, _), (.frameInvalid, _), (.stopping, _): break
        }
        deliverOrWait(record, &turn)
    }

    private mutating func becomeReady(_ turn: inout Turn) {
        phase = .ready(Checks())
        guard defersFirstComparison else { return startComparison(.connection, &turn) }
        defersFirstComparison = false
        plan(.connection, at: turn.now + Self.auditInterval)
    }

    private mutating func join(_ turn: inout Turn) {
        defersFirstComparison = false
        if case .ready(let checks) = phase, case .due(.connection, _) = checks.comparison, checks.failures == 0 {
            startComparison(.connection, &turn)
        }
    }

    /// The stream is lost, or ends.
    private mutating func stop(_ outage: Outage?, _ turn: inout Turn) {
        if case .ready(let checks) = phase, case .running = checks.comparison { turn.actions.append(.cancelComparison) }
        phase = .down(outage)
        owesResync = true
        release(&turn)
    }

    private mutating func deliverOrWait(_ record: StreamRecord, _ turn: inout Turn) {
        guard case .ready(let checks) = phase,
            case .running(let reason, let number, holdsBack: true) = checks.comparison
        else { return deliver(record, &turn) }
        waiting.append(record)
        if case .frames(let frames) = record.delivery { waitingBytes += frames.reduce(0) { $0 + $1.count } }
        guard waitingBytes > Self.waitingLimit else { return }
        set(.running(reason, number: number, holdsBack: false), in: checks)
        release(&turn)
    }

    private mutating func release(_ turn: inout Turn) {
        let records = waiting
        waiting = []
        waitingBytes = 0
        for record in records { deliver(record, &turn) }
    }

    private mutating func deliver(_ delivery: StreamDelivery, _ turn: inout Turn) {
        deliver(StreamRecord(delivery, connection: connection, time: turn.time), &turn)
    }

    private mutating func deliver(_ record: StreamRecord, _ turn: inout Turn) {
        let (events, connection) = fold.take(record.delivery, connection: record.connection, time: record.time)
        turn.actions.append(.deliver(record, events, connection: connection))
        guard fold.needsComparison || fold.hasNewcomers else { return }
        plan(fold.needsComparison ? .gap : .newcomer, at: max(turn.now + Self.debounce, pace.next))
    }
}

// MARK: - Comparisons

extension StreamMachine {
    /// Plans a comparison, if the stream is ready.
    private mutating func plan(_ reason: Reason, at: Duration) {
        guard case .ready(var checks) = phase else { return }
        switch checks.comparison {
        case .none: checks.comparison = .due(reason, at: at)
        case .due(let other, let earlier):
            let stronger = reason.rawValue > other.rawValue ? reason : other
            checks.comparison = .due(stronger, at: checks.failures > 0 ? earlier : min(at, earlier))
        case .running: return  // the running comparison is enough, or the waiting records plan another one
        }
        phase = .ready(checks)
    }

    private mutating func tick(_ checks: Checks, _ turn: inout Turn) {
        switch checks.comparison {
        case .due(var reason, let at):
            guard turn.now >= at else { return }
            // The missing events may have arrived meanwhile.
            if reason == .gap, !fold.needsComparison { reason = .newcomer }
            if reason == .newcomer, !fold.hasNewcomers { return set(.none, in: checks) }
            startComparison(reason, &turn)
        case .running: break
        case .none:
            guard let auditDue = checks.auditDue, turn.now >= auditDue else { return }
            fold.forgetForeignParties()
            startComparison(.audit, &turn)
        }
    }

    private mutating func set(_ comparison: Comparison, in checks: Checks) {
        var checks = checks
        checks.comparison = comparison
        phase = .ready(checks)
    }

    private mutating func startComparison(_ reason: Reason, _ turn: inout Turn) {
        guard case .ready(let checks) = phase else { return }
        comparisons += 1
        set(.running(reason, number: comparisons, holdsBack: true), in: checks)
        turn.actions.append(
            .compare(number: comparisons, known: fold.state, mayHaveLostMembership: reason == .connection))
    }

    private mutating func take(
        _ outcome: PartyComparison.Outcome, _ reason: Reason, hasOverflowed: Bool, _ turn: inout Turn
    ) {
        for context in outcome.rejoined.values {
            self.context = context
            fold.follow(context)
        }
        rejoined.formUnion(outcome.rejoined.keys)
        let before = turn.actions.count
        deliver(.snapshot(outcome.snapshot), &turn)
        var hasDifferences = false
        if case .deliver(_, let events, _) = turn.actions[before] { hasDifferences = !events.isEmpty }
        if let failure = outcome.failure { return retry(reason, failure, &turn) }
        succeed(at: turn.now)
        if reason == .gap || reason == .newcomer { pace.ended(at: turn.now) }
        if owesResync || reason == .gap || !rejoined.isEmpty || (reason == .audit && hasDifferences) {
            deliver(.lifecycle(.resynced(rejoined: rejoined.sorted { $0.text < $1.text })), &turn)
        }
        owesResync = false
        rejoined = []
        release(&turn)
        // The delivered records are newer than this result, which may have overwritten them.
        if hasOverflowed { plan(.audit, at: max(turn.now + .seconds(10), pace.next)) }
    }

    private mutating func succeed(at now: Duration) {
        guard case .ready(var checks) = phase else { return }
        checks.failures = 0
        checks.auditDue = now + Self.auditInterval
        phase = .ready(checks)
    }

    private mutating func retry(_ reason: Reason, _ error: PartyError, _ turn: inout Turn) {
        turn.actions.append(.note(error))
        release(&turn)
        guard case .ready(var checks) = phase else { return }
        checks.failures += 1
        checks.comparison = .due(reason, at: turn.now + .seconds(1 << min(checks.failures, 6)))
        phase = .ready(checks)
    }
}
