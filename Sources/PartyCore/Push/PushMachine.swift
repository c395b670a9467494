/// The life of the push stream as decisions only: what happened goes in, what to do comes out. It holds no socket, task or
/// clock; `PushSession` executes it (docs/protocol.md, 7).
package struct PushMachine: Sendable {
    /// How long a lost stream is tried for.
    package struct Policy: Sendable, Equatable {
        package var reconnects = true
        /// Whether the stream has stood before, through another process: then it is held on to from the start.
        package var hasStood = false
        /// So many tries in a row without success.
        package var maximumTries: Int?
        /// So long without a stream.
        package var maximumOutage: Duration?

        package init() {}
    }

    package enum Input: Sendable, Equatable {
        /// With the wait that the service asked an earlier run for, as far as it is not over.
        case started(advised: Duration?)
        case addressFound(PushAddress)
        /// With the time until the token wants renewal, where it ever does.
        case opened(renewIn: Duration?)
        /// A step failed; the answer is there where the service gave one.
        case failed(PartyError, RESTResponse?)
        /// After a refusal.
        case tokenRenewed
        /// A token that lasts longer is there for the open stream, with the time until it wants renewal.
        case tokenRefreshed(renewIn: Duration?)
        /// There is none yet; `nil` for never.
        case tokenNotRefreshed(retryIn: Duration?)
        /// Any byte: a frame, a pong.
        case arrived
        case closed(PushClosure)
        /// The deadline that `deadline` named may have passed.
        case ticked
    }

    package enum Action: Sendable, Equatable {
        case lookUp
        case open(PushAddress, isReconnection: Bool)
        case authenticate
        case ping
        /// Drop the socket: it is dead or deaf.
        case abandon
        case renewToken
        /// Get a token that lasts longer, while the stream goes on.
        case refreshToken
        case report(StreamLifecycle)
        case fail(PartyError)
    }

    private enum Phase: Equatable {
        case idle, lookingUp, renewing, ended
        case opening(PushAddress)
        case open(PushAddress, since: Duration)
        case waiting(until: Duration)
    }

    private let policy: Policy
    private var phase = Phase.idle
    private var backoff = Backoff()
    private var tries = 0
    private var lostAt: Duration?
    private var wasEverReady: Bool
    private var hasRenewedToken = false
    private var nextPing: Duration = .zero
    private var answerDue: Duration?
    private var readyDue: Duration?
    private var renewalDue: Duration?
    /// Whether we noticed a missed answer so late that the answer may be waiting unread.
    private var isSecondLook = false

    /// A connection that lasted this long was a good one: the next loss starts with a short wait again.
    private static let stableAfter: Duration = .seconds(60)
    /// How long the answer to the first ping may hold up `ready`.
    private static let readyPatience: Duration = .seconds(2)
    /// A tick that comes this much after its time was held up, and so may be what arrived: it gets a second look.
    private static let heldUp: Duration = .seconds(1)
    /// How often a first connection is tried before the user is told.
    private static let firstTries = 3

    package init(_ policy: Policy) {
        self.policy = policy
        wasEverReady = policy.hasStood
    }

    /// When `ticked` is due; `nil` while there is nothing to wait for but input.
    package var deadline: Duration? {
        switch phase {
        case .open: [answerDue, readyDue, renewalDue].compactMap { $0 }.reduce(nextPing, min)
        case .waiting(let until): until
        case .idle, .lookingUp, .opening, .renewing, .ended: nil
        }
    }

    /// - Parameter now: time that only grows.
    /// - Parameter fraction: random, from 0 up to 1: the jitter.
    package mutating func handle(_ input: Input, at now: Duration, fraction: Double) -> [Action] {
        switch (input, phase) {
        case (.started(let advised?), .idle):
            phase = .waiting(until: now + advised)
            return [.report(.retrying(reason: "not connected yet", retryAfter: advised, isAdvised: true))]
        case (.started(nil), .idle), (.tokenRenewed, .renewing):
            phase = .lookingUp
            return [.lookUp]
        case (.addressFound(let address), .lookingUp):
            phase = .opening(address)
            return [.open(address, isReconnection: wasEverReady)]
        case (.opened(let renewIn), .opening(let address)):
            return opened(address, renewIn: renewIn, at: now)
        case (.tokenRefreshed(let renewIn), .open(let address, _)):
            renewalDue = renewIn.map { now + $0 }
            return address.dialect.hasAuthFrame ? [.authenticate, .report(.tokenRenewed)] : [.report(.tokenRenewed)]
        case (.tokenNotRefreshed(let retryIn), .open):
            renewalDue = retryIn.map { now + $0 }
            return []
        case (.failed(let error, let response), .lookingUp), (.failed(let error, let response), .opening),
            (.failed(let error, let response), .renewing):
            return failed(error, response, at: now, fraction: fraction)
        case (.arrived, .open):
            answerDue = nil
            isSecondLook = false
            return becomeReady()
        case (.closed(let closure), .open(_, let since)):
            return lost(closure.reason, since: since, at: now, fraction: fraction)
        case (.ticked, .open(let address, let since)):
            return renewal(at: now) + ticked(address.keepAlive, since: since, at: now, fraction: fraction)
        case (.ticked, .waiting(let until)) where now >= until:
            // One renewal for each try: a token refused hours ago says nothing about this one.
            hasRenewedToken = false
            phase = .lookingUp
            return [.lookUp]
        default:
            return []
        }
    }

    private mutating func opened(_ address: PushAddress, renewIn: Duration?, at now: Duration) -> [Action] {
        phase = .open(address, since: now)
        renewalDue = renewIn.map { now + $0 }
        nextPing = now + address.keepAlive.pingInterval
        answerDue = now + address.keepAlive.answerTimeout
        isSecondLook = false
        readyDue = now + Self.readyPatience
        tries = 0
        wasEverReady = true
        hasRenewedToken = false
        // Nothing answers the sign-in frame. But frames are taken in order, so the answer to a ping behind it shows that the
        // service has it, and that no event is missed from there on.
        let authentication: [Action] = address.dialect.hasAuthFrame ? [.authenticate] : []
        return [.report(.connected)] + authentication + [.ping]
    }

    private mutating func becomeReady() -> [Action] {
        guard readyDue != nil else { return [] }
        readyDue = nil
        return [.report(.ready)]
    }

    /// The token is renewed well before it expires; the stream knows nothing of it until there is a new one.
    private mutating func renewal(at now: Duration) -> [Action] {
        guard let due = renewalDue, now >= due else { return [] }
        renewalDue = nil
        return [.refreshToken]
    }

    private mutating func ticked(
        _ keepAlive: KeepAlive, since: Duration, at now: Duration, fraction: Double
    ) -> [Action] {
        if let due = answerDue, now >= due {
            if now - due >= Self.heldUp, !isSecondLook {
                isSecondLook = true
                answerDue = now + Self.heldUp
                nextPing = now + keepAlive.pingInterval
                return [.ping]
            }
            return [.abandon]
                + lost(
                    "no answer to a ping within \(keepAlive.answerTimeout)", since: since, at: now, fraction: fraction)
        }
        let readiness = readyDue.map { now >= $0 } == true ? becomeReady() : []
        guard now >= nextPing else { return readiness }
        nextPing = now + keepAlive.pingInterval
        answerDue = answerDue ?? now + keepAlive.answerTimeout
        return readiness + [.ping]
    }

    private mutating func lost(_ reason: String, since: Duration, at now: Duration, fraction: Double) -> [Action] {
        if now - since >= Self.stableAfter { backoff.reset() }
        lostAt = now
        guard policy.reconnects else {
            phase = .ended
            return [.fail(PartyError(.unreachable, "the push stream was lost: \(reason)", step: "push"))]
        }
        let wait = backoff.next(fraction: fraction)
        phase = .waiting(until: now + wait)
        return [.report(.lost(reason: reason, retryAfter: wait))]
    }

    private mutating func failed(
        _ error: PartyError, _ response: RESTResponse?, at now: Duration, fraction: Double
    ) -> [Action] {
        tries += 1
        if error.status == 401, phase != .renewing, !hasRenewedToken {
            hasRenewedToken = true
            phase = .renewing
            return [.renewToken]
        }
        let advice = response.flatMap(RetryAdvice.init)
        guard !isFinal(error, hasAdvice: advice != nil), !isOutOfTries(at: now) else {
            phase = .ended
            return [.fail(error)]
        }
        let wait = advice?.wait(fraction: fraction) ?? backoff.next(fraction: fraction)
        phase = .waiting(until: now + wait)
        return [.report(.retrying(reason: error.message, retryAfter: wait, isAdvised: advice != nil))]
    }

    /// What trying again cannot mend. A stream that once stood is held on to through everything but a dead sign-in; a first
    /// connection tells the user sooner what is wrong.
    private func isFinal(_ error: PartyError, hasAdvice: Bool) -> Bool {
        switch error.kind {
        case .signIn, .configuration, .storage, .badData, .internalFault, .engineFailed, .cancelled: return true
        case .refused, .notFound, .forbidden, .tls, .conflict, .protocolViolation, .timeout:
            return !wasEverReady && !hasAdvice
        case .unreachable, .rateLimited:
            return !wasEverReady && !hasAdvice && (phase == .lookingUp || tries >= Self.firstTries)
        }
    }

    private func isOutOfTries(at now: Duration) -> Bool {
        if let most = policy.maximumTries, tries >= most { return true }
        if let longest = policy.maximumOutage, let lostAt, now - lostAt >= longest { return true }
        return false
    }
}

extension PushClosure {
    /// The service's words without what they repeat of our secrets.
    func scrubbed(of secrets: [Redacted<String>]) -> PushClosure {
        guard case .peer(let code, let reason) = self else { return self }
        return .peer(code: code, reason: Redaction.scrubbed(reason, of: secrets))
    }

    var reason: String {
        switch self {
        case .peer(nil, _): "the service closed the connection"
        case .peer(let code?, ""): "the service closed the connection (code \(code))"
        case .peer(let code?, let words): "the service closed the connection (code \(code), \(words))"
        case .local: "closed here"
        case .failed(let error): error.detail
        }
    }
}
