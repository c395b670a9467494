/// Decides what the holder of the push connection reports, what waits for a comparison with the service, and when the service is
/// asked for one. `StreamHolder` executes it (docs/protocol.md, 7.4 and 7.5).
struct StreamMachine: Sendable {
    enum Input: Sendable {
        /// The stream brought it.
        case came(StreamRecord)
        /// What the service said before there was a connection.
        case looked(PartyComparison.Outcome)
        /// The answer to the question of that number.
        case compared(Result<PartyComparison.Outcome, PartyError>, number: Int)
        /// Another process follows the stream from here on.
        case joined
        /// The deadline may have passed.
        case ticked
        /// The stream is over; nothing follows.
        case ended
    }

    enum Action: Sendable {
        /// Send the record to the processes that follow, and the events to our own run.
        case tell(StreamRecord, [StreamEvent], connection: Int)
        /// Ask the service for the state of the parties.
        case ask(number: Int, known: PartyState, mayHaveLostMembership: Bool)
        /// The answer is no longer wanted.
        case dropQuestion
        /// A comparison failed and will be tried again.
        case note(PartyError)
        case reportFault(MachineFault)
    }

    /// Why the service is asked, the most important last.
    private enum Reason: Int, Sendable {
        /// Some losses of events show nowhere.
        case audit
        /// Events told of a new party; they never tell all of it.
        case newcomer
        /// Events are missing, or told too little.
        case gap
        /// A connection was made.
        case connection
    }

    private enum Phase: Sendable {
        /// No events flow: before the first connection, after a loss and while connecting. `compared` may come late; `looked`
        /// comes only here.
        case down(Outage?)
        /// Events flow. The stream neither connects nor becomes ready a second time.
        case ready(Checks)
        /// After `ended`: no input is legal.
        case over
    }

    /// A loss of the stream, with the moment of the next try.
    private struct Outage: Sendable {
        let reason: String
        let until: Duration
    }

    /// The comparisons of a stream that is ready.
    private struct Checks: Sendable {
        var question = Question.none
        /// When the next audit is due; `nil` before the first comparison of this connection.
        var auditDue: Duration?
        /// How many comparisons have failed in a row.
        var failures = 0
    }

    private enum Question: Sendable {
        case none
        case due(Reason, at: Duration)
        /// While `holdsBack`, what arrives waits, so that an older answer does not overwrite it. If too much arrives, all of it
        /// is told, and the service is asked again after the answer.
        case asked(Reason, number: Int, holdsBack: Bool)
    }

    private(set) var fold: StreamFold
    /// The mark to put on memberships.
    private(set) var context: ContextID
    /// The present connection by the session's count.
    private(set) var connection = 0
    /// Whether our own run looks after its parties itself, so that the first comparison waits until another process joins.
    var defersFirstComparison = false
    private var phase = Phase.down(nil)
    private var pace = ComparisonPace()
    /// How many questions have been asked.
    private var questions = 0
    /// Whether `resynced` is to be told after the next comparison.
    private var owesResync: Bool
    private var rejoined: Set<PartyID> = []
    /// What waits for the answer to a question that holds back.
    private var waiting: [StreamRecord] = []
    private var waitingBytes = 0

    /// The number of bytes that may wait for an answer.
    private static let waitingLimit = 8 << 20
    /// How long a missing event may be late before a comparison starts.
    private static let debounce: Duration = .seconds(1)
    private static let auditInterval: Duration = .seconds(600)

    /// - Parameter fold: what the run knows from earlier connections, its own or another process's.
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

    /// Whether nothing is known to be missing from what we know of the parties.
    var isInSync: Bool {
        guard case .ready(let checks) = phase, checks.auditDue != nil else { return false }
        if case .asked(_, _, holdsBack: true) = checks.question { return false }
        return true
    }

    /// The present loss of the stream, for processes that join meanwhile; `nil` if there is none.
    func outage(at now: Duration) -> StreamGreeting.Outage? {
        guard case .down(let outage?) = phase else { return nil }
        return StreamGreeting.Outage(reason: outage.reason, retryAfter: max(.zero, outage.until - now))
    }

    /// When `ticked` is due; `nil` if no time has to pass.
    var deadline: Duration? {
        guard case .ready(let checks) = phase else { return nil }
        return switch checks.question {
        case .none: checks.auditDue
        case .due(_, let at): at
        case .asked: nil
        }
    }

    /// - Parameter now: time that only grows.
    /// - Parameter time: the time of day, for what is told.
    mutating func handle(_ input: Input, at now: Duration, time: Timestamp) -> [Action] {
        var turn = Turn(now: now, time: time)
        switch (phase, input) {
        case (.over, _): fault(input, &turn)
        case (_, .came(let record)): take(record, &turn)
        case (.down, .looked(let outcome)): tell(.snapshot(outcome.snapshot), &turn)
        case (.ready, .looked): fault(input, &turn)
        case (_, .compared(_, let number)) where number < 1 || number > questions: fault(input, &turn)
        case (.ready(let checks), .compared(let result, let number)):
            // Another number is the late answer to a question that was dropped.
            guard case .asked(let reason, number, let holdsBack) = checks.question else { break }
            set(.none, in: checks)
            switch result {
            case .success(let outcome): take(outcome, reason, hasOverflowed: !holdsBack, &turn)
            case .failure(let error): retry(reason, error, &turn)
            }
        case (.down, .compared): break  // the late answer to a question that was dropped
        case (_, .joined): join(&turn)
        case (.ready(let checks), .ticked): tick(checks, &turn)
        case (.down, .ticked): break  // the timer was set before the loss
        case (_, .ended):
            // What waits for an answer has arrived and is told.
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
            tellOrWait(record, &turn)
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
            tell(record, &turn)
            return becomeReady(&turn)
        case (.retrying, _), (.connected, _), (.ready, _): fault(lifecycle, &turn)
        case (.resynced, _), (.tokenRenewed, _), (.frameInvalid, _), (.stopping, _): break
        }
        tellOrWait(record, &turn)
    }

    private mutating func becomeReady(_ turn: inout Turn) {
        phase = .ready(Checks())
        guard defersFirstComparison else { return ask(.connection, &turn) }
        defersFirstComparison = false
        want(.connection, at: turn.now + Self.auditInterval)
    }

    private mutating func join(_ turn: inout Turn) {
        defersFirstComparison = false
        if case .ready(let checks) = phase, case .due(.connection, _) = checks.question, checks.failures == 0 {
            ask(.connection, &turn)
        }
    }

    /// The stream is lost, or ends.
    private mutating func stop(_ outage: Outage?, _ turn: inout Turn) {
        if case .ready(let checks) = phase, case .asked = checks.question { turn.actions.append(.dropQuestion) }
        phase = .down(outage)
        owesResync = true
        release(&turn)
    }

    private mutating func tellOrWait(_ record: StreamRecord, _ turn: inout Turn) {
        guard case .ready(let checks) = phase, case .asked(let reason, let number, holdsBack: true) = checks.question
        else { return tell(record, &turn) }
        waiting.append(record)
        if case .frames(let frames) = record.delivery { waitingBytes += frames.reduce(0) { $0 + $1.count } }
        guard waitingBytes > Self.waitingLimit else { return }
        set(.asked(reason, number: number, holdsBack: false), in: checks)
        release(&turn)
    }

    private mutating func release(_ turn: inout Turn) {
        let records = waiting
        waiting = []
        waitingBytes = 0
        for record in records { tell(record, &turn) }
    }

    private mutating func tell(_ delivery: StreamDelivery, _ turn: inout Turn) {
        tell(StreamRecord(delivery, connection: connection, time: turn.time), &turn)
    }

    private mutating func tell(_ record: StreamRecord, _ turn: inout Turn) {
        let (events, connection) = fold.take(record.delivery, connection: record.connection, time: record.time)
        turn.actions.append(.tell(record, events, connection: connection))
        guard fold.needsComparison || fold.hasNewcomers else { return }
        want(fold.needsComparison ? .gap : .newcomer, at: max(turn.now + Self.debounce, pace.next))
    }
}

// MARK: - Asking the service

extension StreamMachine {
    /// Plans a question; only a stream that is ready asks any.
    private mutating func want(_ reason: Reason, at: Duration) {
        guard case .ready(var checks) = phase else { return }
        switch checks.question {
        case .none: checks.question = .due(reason, at: at)
        case .due(let other, let earlier):
            let stronger = reason.rawValue > other.rawValue ? reason : other
            checks.question = .due(stronger, at: checks.failures > 0 ? earlier : min(at, earlier))
        case .asked: return  // the answer settles it, or the records that wait plan another question
        }
        phase = .ready(checks)
    }

    private mutating func tick(_ checks: Checks, _ turn: inout Turn) {
        switch checks.question {
        case .due(var reason, let at):
            guard turn.now >= at else { return }
            // What was missing may have come meanwhile.
            if reason == .gap, !fold.needsComparison { reason = .newcomer }
            if reason == .newcomer, !fold.hasNewcomers { return set(.none, in: checks) }
            ask(reason, &turn)
        case .asked: break
        case .none:
            guard let auditDue = checks.auditDue, turn.now >= auditDue else { return }
            fold.forgetForeignParties()
            ask(.audit, &turn)
        }
    }

    private mutating func set(_ question: Question, in checks: Checks) {
        var checks = checks
        checks.question = question
        phase = .ready(checks)
    }

    private mutating func ask(_ reason: Reason, _ turn: inout Turn) {
        guard case .ready(let checks) = phase else { return }
        questions += 1
        set(.asked(reason, number: questions, holdsBack: true), in: checks)
        turn.actions.append(
            .ask(number: questions, known: fold.state, mayHaveLostMembership: reason == .connection))
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
        tell(.snapshot(outcome.snapshot), &turn)
        var hasDiffered = false
        if case .tell(_, let events, _) = turn.actions[before] { hasDiffered = !events.isEmpty }
        if let failure = outcome.failure { return retry(reason, failure, &turn) }
        succeed(at: turn.now)
        if reason == .gap || reason == .newcomer { pace.ended(at: turn.now) }
        if owesResync || reason == .gap || !rejoined.isEmpty || (reason == .audit && hasDiffered) {
            tell(.lifecycle(.resynced(rejoined: rejoined.sorted { $0.text < $1.text })), &turn)
        }
        owesResync = false
        rejoined = []
        release(&turn)
        // What overflowed is newer than this answer, which may have overwritten it.
        if hasOverflowed { want(.audit, at: max(turn.now + .seconds(10), pace.next)) }
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
        checks.question = .due(reason, at: turn.now + .seconds(1 << min(checks.failures, 6)))
        phase = .ready(checks)
    }
}
