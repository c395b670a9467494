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
        /// A step failed.
        case failed(PartyError)
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
        case open(PushAddress)
        case waiting(until: Duration)
    }

    private let policy: Policy
    private var phase = Phase.idle
    private var backoff = Backoff()
    private var outage = StreamOutage()
    private var wasEverOpen: Bool
    private var hasRenewedToken = false
    /// Sign-in frames in a row that the service answered by closing.
    private var refusedSignIns = 0
    /// Of the open socket:
    private var openSince: Duration = .zero
    private var watch: KeepAliveWatch?
    private var readyDue: Duration?
    private var renewalDue: Duration?

    /// A connection that lasted this long was a good one: the next loss starts with a short wait again.
    private static let stableAfter: Duration = .seconds(60)
    /// How long the answer to the first ping may hold up `ready`.
    private static let readyPatience: Duration = .seconds(2)
    /// How often a first connection is tried before the user is told.
    private static let firstTries = 3
    /// How many sign-in frames may be refused in a row, the first with the old token, the others with new ones.
    private static let signInTries = 3
    /// A close with this code says "against our policy" (RFC 6455, 7.4.1), which before `ready` can only mean the sign-in.
    private static let policyViolation: UInt16 = 1008

    package init(_ policy: Policy) {
        self.policy = policy
        wasEverOpen = policy.hasStood
    }

    /// When `ticked` is due; `nil` while there is nothing to wait for but input.
    package var deadline: Duration? {
        switch phase {
        case .open: [watch?.deadline, readyDue, renewalDue].compactMap { $0 }.min()
        case .waiting(let until): until
        case .idle, .lookingUp, .opening, .renewing, .ended: nil
        }
    }

    /// Whether `arrived` would change anything: a stream that stands, with no ping to be answered, may bring what it likes.
    package var awaitsArrival: Bool {
        guard case .open = phase else { return false }
        return readyDue != nil || watch?.awaitsAnswer == true
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
            return [.open(address, isReconnection: wasEverOpen)]
        case (.opened(let renewIn), .opening(let address)):
            return opened(address, renewIn: renewIn, at: now)
        case (.tokenRefreshed(let renewIn), .open(let address)):
            renewalDue = renewIn.map { now + $0 }
            return address.dialect.hasAuthFrame ? [.authenticate, .report(.tokenRenewed)] : [.report(.tokenRenewed)]
        case (.tokenNotRefreshed(let retryIn), .open):
            renewalDue = retryIn.map { now + $0 }
            return []
        case (.failed(let error), .lookingUp), (.failed(let error), .opening), (.failed(let error), .renewing):
            return failed(error, at: now, fraction: fraction)
        case (.arrived, .open):
            watch?.arrived()
            return becomeReady()
        case (.closed(let closure), .open):
            if case .peer(Self.policyViolation, _) = closure, readyDue != nil { refusedSignIns += 1 }
            return lost(closure.reason, at: now, fraction: fraction)
        case (.ticked, .open):
            return renewal(at: now) + ticked(at: now, fraction: fraction)
        case (.ticked, .waiting(let until)) where now >= until:
            return tryAgain()
        default:
            return []
        }
    }

    private mutating func opened(_ address: PushAddress, renewIn: Duration?, at now: Duration) -> [Action] {
        phase = .open(address)
        openSince = now
        renewalDue = renewIn.map { now + $0 }
        watch = KeepAliveWatch(address.keepAlive, openedAt: now)
        readyDue = now + Self.readyPatience
        wasEverOpen = true
        hasRenewedToken = false
        // Nothing answers the sign-in frame. But frames are taken in order, so the answer to a ping behind it shows that the
        // service has it, and that no event is missed from there on.
        let authentication: [Action] = address.dialect.hasAuthFrame ? [.authenticate] : []
        return [.report(.connected)] + authentication + [.ping]
    }

    private mutating func becomeReady() -> [Action] {
        guard readyDue != nil else { return [] }
        readyDue = nil
        refusedSignIns = 0
        outage.end()
        return [.report(.ready)]
    }

    /// One renewal for each try: a token refused hours ago says nothing about this one. A sign-in frame that was refused
    /// is not sent again with the same token.
    private mutating func tryAgain() -> [Action] {
        hasRenewedToken = refusedSignIns > 0
        phase = hasRenewedToken ? .renewing : .lookingUp
        return [hasRenewedToken ? .renewToken : .lookUp]
    }

    /// The token is renewed well before it expires; the stream knows nothing of it until there is a new one.
    private mutating func renewal(at now: Duration) -> [Action] {
        guard let due = renewalDue, now >= due else { return [] }
        renewalDue = nil
        return [.refreshToken]
    }

    private mutating func ticked(at now: Duration, fraction: Double) -> [Action] {
        switch watch?.ticked(at: now) {
        case .dead(let limit):
            let reason = "no answer to a ping within \(limit.inMilliseconds / 1000) s"
            return [.abandon] + lost(reason, at: now, fraction: fraction)
        case .ping: return ready(at: now) + [.ping]
        case .alive, nil: return ready(at: now)
        }
    }

    private mutating func ready(at now: Duration) -> [Action] {
        readyDue.map { now >= $0 } == true ? becomeReady() : []
    }

    private mutating func lost(_ reason: String, at now: Duration, fraction: Double) -> [Action] {
        if now - openSince >= Self.stableAfter { backoff.reset() }
        outage.begin(at: now)
        // A connection that never brought anything is no success, or a service that closes each at once were tried for ever.
        if readyDue != nil { outage.failed() }
        let error = PartyError(.unreachable, "the push stream was lost: \(reason)", step: "push")
        guard policy.reconnects, !outage.isTooLong(for: policy, at: now) else { return end(error) }
        guard refusedSignIns < Self.signInTries else {
            return end(
                PartyError(
                    .signIn, "the push service refuses the sign-in: \(reason)", step: "push",
                    remedy: .signInAgain))
        }
        let wait = backoff.next(fraction: fraction)
        phase = .waiting(until: now + wait)
        return [.report(.lost(reason: reason, retryAfter: wait))]
    }

    private mutating func end(_ error: PartyError) -> [Action] {
        phase = .ended
        return [.fail(error)]
    }

    private mutating func failed(_ error: PartyError, at now: Duration, fraction: Double) -> [Action] {
        outage.failed()
        if error.status == 401, phase != .renewing, !hasRenewedToken {
            hasRenewedToken = true
            phase = .renewing
            return [.renewToken]
        }
        guard !isFinal(error), !outage.isTooLong(for: policy, at: now) else { return end(error) }
        // A service that says "at once" is not to be hammered at for that.
        let advised = error.advice.flatMap { $0.longest > .zero ? $0.wait(fraction: fraction) : nil }
        let wait = advised ?? backoff.next(fraction: fraction)
        phase = .waiting(until: now + wait)
        return [.report(.retrying(reason: error.message, retryAfter: wait, isAdvised: advised != nil))]
    }

    /// What trying again cannot mend. A stream that once stood is held on to through everything but a dead sign-in; a first
    /// connection tells the user sooner what is wrong.
    private func isFinal(_ error: PartyError) -> Bool {
        let isHeldOnTo = wasEverOpen || error.advice != nil
        return switch error.kind {
        case .signIn, .configuration, .storage, .badData, .usage, .internalFault, .engineFailed, .cancelled: true
        case .refused, .notFound, .forbidden, .tls, .conflict, .protocolViolation, .timeout: !isHeldOnTo
        case .unreachable, .rateLimited:
            !isHeldOnTo && (phase == .lookingUp || outage.tries >= Self.firstTries)
        }
    }
}
