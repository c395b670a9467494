/// What the holder of the push connection makes of what comes, as decisions only: what is told, what waits for a comparison,
/// and when the service is asked for one. `StreamHolder` executes it (docs/protocol.md, 7.4 and 7.5).
struct StreamMachine: Sendable {
    enum Input: Sendable {
        /// The stream brought it.
        case came(StreamRecord)
        /// What the service said before there was a connection.
        case looked(PartyComparison.Outcome)
        /// The answer to the question of that number.
        case compared(Result<PartyComparison.Outcome, PartyError>, number: Int)
        /// Another process gets from here on what comes.
        case joined
        /// The deadline may have passed.
        case ticked
        /// The stream is over and nothing comes any more.
        case ended
    }

    enum Action: Sendable {
        /// To the processes that joined as a record, to our own run as events.
        case tell(StreamRecord, [StreamEvent], connection: Int)
        /// Ask the service what became of the parties.
        case ask(number: Int, known: PartyState, mayHaveLostMembership: Bool)
        /// The answer would mean nothing any more.
        case dropQuestion
        /// A comparison failed and will be tried again.
        case note(PartyError)
    }

    /// Why the service is asked, the weightier later.
    private enum Reason: Int, Sendable {
        /// Not every loss of an event shows.
        case audit
        /// There is a party of which events alone do not tell all.
        case newcomer
        /// Events are missing, or told too little.
        case gap
        /// A connection was made.
        case connection
    }

    private enum Question: Sendable {
        case due(Reason, at: Duration)
        case asked(Reason, number: Int)
    }

    private(set) var fold: StreamFold
    /// The mark to put on memberships.
    private(set) var context: ContextID
    /// Whether events flow at present.
    private(set) var isReady = false
    /// The present connection by the session's count.
    private(set) var connection = 0
    private var isCompared = false
    private var owesResync: Bool
    private var rejoined: Set<PartyID> = []
    private var question: Question?
    private var questions = 0
    private var failures = 0
    /// Whether our own run looks after its parties itself, so that the first comparison waits until another process joins.
    var defersFirstComparison = false
    private var pace = ComparisonPace()
    /// The present loss, with the moment of the next try.
    private var outage: (reason: String, until: Duration)?
    private var auditDue: Duration?
    /// While the service is asked, what comes waits, so that an older answer does not undo it.
    private var waiting: [StreamRecord]?
    private var waitingBytes = 0
    private var hasOverflown = false

    /// So many bytes may wait for an answer; beyond them the stream goes on without, and the service is asked again.
    private static let waitingLimit = 8 << 20
    /// How long a missing event is waited for before the service is asked.
    private static let patience: Duration = .seconds(1)
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

    /// Whether nothing is known to be missing from what we know of the parties.
    var isInSync: Bool { isReady && isCompared && waiting == nil }

    /// The present loss of the stream, for processes that join meanwhile; `nil` where there is none.
    func outage(at now: Duration) -> StreamGreeting.Outage? {
        outage.map { StreamGreeting.Outage(reason: $0.reason, retryAfter: max(.zero, $0.until - now)) }
    }

    /// When `ticked` is due; `nil` while there is nothing to wait for but input.
    var deadline: Duration? {
        switch question {
        case .due(_, let at): at
        case .asked: nil
        case nil: auditDue
        }
    }

    /// - Parameter now: time that only grows.
    /// - Parameter time: the time of day, for what is told.
    mutating func handle(_ input: Input, at now: Duration, time: Timestamp) -> [Action] {
        var turn = Turn(now: now, time: time)
        switch input {
        case .came(let record): take(record, &turn)
        case .looked(let outcome): tell(.snapshot(outcome.snapshot), &turn)
        case .compared(let result, let number):
            guard case .asked(let reason, number) = question else { return [] }
            question = nil
            switch result {
            case .success(let outcome): take(outcome, reason, &turn)
            case .failure(let error): retry(reason, error, &turn)
            }
        case .joined:
            defersFirstComparison = false
            if isReady, case .due(.connection, _) = question, failures == 0 { ask(.connection, &turn) }
        case .ticked: tick(&turn)
        // What waits for an answer is told in any case: it has come.
        case .ended: stop(&turn)
        }
        return turn.actions
    }

    private struct Turn {
        let now: Duration
        let time: Timestamp
        var actions: [Action] = []
    }

    private mutating func take(_ record: StreamRecord, _ turn: inout Turn) {
        connection = record.connection
        switch record.delivery {
        // Here too what waits has come.
        case .lifecycle(.lost(let reason, let wait)):
            outage = (reason, turn.now + wait)
            stop(&turn)
        case .lifecycle(.retrying(let reason, let wait, _)): outage = (reason, turn.now + wait)
        case .lifecycle(.connected): outage = nil
        case .lifecycle(.stopping): stop(&turn)
        default: break
        }
        guard waiting == nil else { return wait(record, &turn) }
        tell(record, &turn)
        guard case .lifecycle(.ready) = record.delivery else { return }
        isReady = true
        failures = 0
        guard defersFirstComparison else { return ask(.connection, &turn) }
        defersFirstComparison = false
        want(.connection, at: turn.now + Self.auditInterval)
    }

    private mutating func stop(_ turn: inout Turn) {
        if case .asked = question { turn.actions.append(.dropQuestion) }
        question = nil
        auditDue = nil
        isReady = false
        isCompared = false
        owesResync = true
        release(&turn)
    }

    private mutating func wait(_ record: StreamRecord, _ turn: inout Turn) {
        waiting?.append(record)
        if case .frames(let frames) = record.delivery { waitingBytes += frames.reduce(0) { $0 + $1.count } }
        guard waitingBytes > Self.waitingLimit else { return }
        hasOverflown = true
        release(&turn)
    }

    private mutating func release(_ turn: inout Turn) {
        let records = waiting ?? []
        waiting = nil
        waitingBytes = 0
        for record in records { tell(record, &turn) }
    }

    private mutating func tell(_ delivery: StreamDelivery, _ turn: inout Turn) {
        tell(StreamRecord(delivery, connection: connection, time: turn.time), &turn)
    }

    private mutating func tell(_ record: StreamRecord, _ turn: inout Turn) {
        let (events, connection) = fold.take(record.delivery, connection: record.connection, time: record.time)
        turn.actions.append(.tell(record, events, connection: connection))
        guard isReady, fold.needsComparison || fold.hasNewcomers else { return }
        want(fold.needsComparison ? .gap : .newcomer, at: max(turn.now + Self.patience, pace.next))
    }
}

// MARK: - Asking the service

extension StreamMachine {
    private mutating func want(_ reason: Reason, at: Duration) {
        switch question {
        case nil: question = .due(reason, at: at)
        case .due(let other, let earlier):
            let weightier = reason.rawValue > other.rawValue ? reason : other
            question = .due(weightier, at: failures > 0 ? earlier : min(at, earlier))
        case .asked: break  // the answer settles it, or what waits for it asks again
        }
    }

    private mutating func tick(_ turn: inout Turn) {
        switch question {
        case .due(var reason, let at):
            guard turn.now >= at else { return }
            question = nil
            // What was missing may have come meanwhile.
            if reason == .gap, !fold.needsComparison { reason = .newcomer }
            if reason == .newcomer, !fold.hasNewcomers { return }
            ask(reason, &turn)
        case .asked: break
        case nil:
            guard let auditDue, turn.now >= auditDue else { return }
            fold.forgetForeignParties()
            ask(.audit, &turn)
        }
    }

    private mutating func ask(_ reason: Reason, _ turn: inout Turn) {
        questions += 1
        question = .asked(reason, number: questions)
        waiting = []
        hasOverflown = false
        turn.actions.append(
            .ask(number: questions, known: fold.state, mayHaveLostMembership: reason == .connection))
    }

    private mutating func take(_ outcome: PartyComparison.Outcome, _ reason: Reason, _ turn: inout Turn) {
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
        failures = 0
        isCompared = true
        auditDue = turn.now + Self.auditInterval
        if reason == .gap || reason == .newcomer { pace.ended(at: turn.now) }
        if owesResync || reason == .gap || !rejoined.isEmpty || (reason == .audit && hasDiffered) {
            tell(.lifecycle(.resynced(rejoined: rejoined.sorted { $0.text < $1.text })), &turn)
        }
        owesResync = false
        rejoined = []
        release(&turn)
        // The answer was older than what did not wait for it.
        if hasOverflown { want(.audit, at: max(turn.now + .seconds(10), pace.next)) }
    }

    private mutating func retry(_ reason: Reason, _ error: PartyError, _ turn: inout Turn) {
        turn.actions.append(.note(error))
        release(&turn)
        failures += 1
        question = .due(reason, at: turn.now + .seconds(1 << min(failures, 6)))
    }
}
