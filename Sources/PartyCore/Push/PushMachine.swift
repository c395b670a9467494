/// The life of the push stream as decisions only: what happened goes in, what to do comes out. It holds no socket, task or
/// clock; `PushSession` executes it (docs/protocol.md, 7).
package struct PushMachine: Sendable {
    /// How long a lost stream is tried for.
    package struct Policy: Sendable, Equatable {
        package var reconnects = true
        /// Whether the stream has stood before, through another process: then it is held on to from the start.
        package var hasStood = false
        /// How long ago that process lost it.
        package var lostAgo: Duration = .zero
        /// What we want the connection for.
        package var keepAliveType = PushDialect.KeepAliveType.idle
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
        /// What the connection is wanted for has changed.
        case keepAliveTypeWanted(PushDialect.KeepAliveType)
        /// The service answered a frame of ours.
        case answered(PushAnswer)
        /// We are about to close the connection.
        case stopAsked
        /// Any byte: a frame, a pong.
        case arrived
        case closed(PushClosure)
        /// The deadline that `deadline` named may have passed.
        case ticked
    }

    package enum Action: Sendable, Equatable {
        case lookUp(PushDialect.KeepAliveType)
        case open(PushAddress, isReconnection: Bool)
        /// Send our status and the token.
        case sendStatus
        case sendKeepAliveType(PushDialect.KeepAliveType)
        case ping
        /// Drop the socket: it is dead or deaf.
        case abandon
        case renewToken
        /// Get a token that lasts longer, while the stream goes on.
        case refreshToken
        case report(StreamLifecycle)
        /// Tell people something that does not change the stream.
        case notify(String)
        case fail(PartyError)
    }

    private enum Phase: Equatable {
        case idle, lookingUp, renewing, ended
        case opening(PushAddress)
        case open(OpenPushSocket)
        case waiting(until: Duration)
    }

    private let policy: Policy
    private var phase = Phase.idle
    private var backoff = Backoff()
    private var outage = StreamOutage()
    private var wasEverOpen: Bool
    private var hasRenewedToken = false
    /// Status frames in a row that the service answered by closing.
    private var refusedStatus = 0
    private var wantedType: PushDialect.KeepAliveType
    /// Up to when the service is thought to hold our place; `nil` where no stream was lost.
    private var heldUntil: Duration?
    /// The frames of ours whose refusal people have been told of.
    private var toldRefusals: Set<PushAnswer.Method> = []

    /// How often a first connection is tried before the user is told.
    private static let firstTries = 3
    /// The same where the service refuses: the next try would be minutes later.
    private static let firstTriesRefused = 2
    /// How many status frames may be refused in a row, the first with the old token, the others with new ones.
    private static let statusTries = 3
    /// A close with this code says "against our policy" (RFC 6455, 7.4.1), which before `ready` can only mean the status
    /// frame with its token.
    private static let policyViolation: UInt16 = 1008

    package init(_ policy: Policy) {
        self.policy = policy
        wasEverOpen = policy.hasStood
        wantedType = policy.keepAliveType
    }

    /// When `ticked` is due; `nil` while there is nothing to wait for but input.
    package var deadline: Duration? {
        switch phase {
        case .open(let socket): socket.deadline
        case .waiting(let until): until
        case .idle, .lookingUp, .opening, .renewing, .ended: nil
        }
    }

    /// Whether `arrived` would change anything: a stream that stands, with no ping to be answered, may bring what it likes.
    package var awaitsArrival: Bool {
        if case .open(let socket) = phase { socket.awaitsArrival } else { false }
    }

    /// - Parameter now: time that only grows.
    /// - Parameter fraction: random, from 0 up to 1: the jitter.
    package mutating func handle(_ input: Input, at now: Duration, fraction: Double) -> [Action] {
        switch (input, phase) {
        case (.started(let advised), .idle):
            if policy.hasStood { heldUntil = now + KeepAlive.defaultPresence - max(policy.lostAgo, .zero) }
            guard let advised else { return lookUp() }
            phase = .waiting(until: now + advised)
            return [.report(.retrying(reason: "not connected yet", retryAfter: advised, isAdvised: true))]
        case (.tokenRenewed, .renewing):
            return lookUp()
        case (.addressFound(let address), .lookingUp):
            phase = .opening(address)
            return [.open(address, isReconnection: heldUntil.map { now < $0 } ?? false)]
        case (.opened(let renewIn), .opening(let address)):
            return opened(OpenPushSocket(address, renewIn: renewIn, at: now))
        case (.failed(let error), .lookingUp), (.failed(let error), .opening), (.failed(let error), .renewing):
            return failed(error, at: now, fraction: fraction)
        case (.keepAliveTypeWanted(let type), _):
            wantedType = type
            return tellKeepAliveType()
        case (_, .open(let socket)):
            return handle(input, socket, at: now, fraction: fraction)
        case (.ticked, .waiting(let until)) where now >= until:
            return tryAgain()
        default:
            return []
        }
    }

    /// What happens to an open socket.
    private mutating func handle(
        _ input: Input, _ current: OpenPushSocket, at now: Duration, fraction: Double
    ) -> [Action] {
        var socket = current
        switch input {
        case .tokenRefreshed(let renewIn):
            socket.renewalDue = renewIn.map { now + $0 }
            phase = .open(socket)
            return (socket.address.dialect.hasClientFrames ? [.sendStatus] : []) + [.report(.tokenRenewed)]
        case .tokenNotRefreshed(let retryIn):
            socket.renewalDue = retryIn.map { now + $0 }
            phase = .open(socket)
            return []
        case .arrived:
            socket.arrived()
            phase = .open(socket)
            return becomeReady()
        case .answered(let answer):
            if let complaint = answer.complaint {
                return toldRefusals.insert(answer.method).inserted ? [.notify(complaint)] : []
            }
            if let figures = answer.keepAlive { socket.adopt(figures, at: now) }
            phase = .open(socket)
            return []
        case .stopAsked:
            // The others' voice goes on by another process's connection.
            wantedType = .idle
            return policy.keepAliveType == .voiceChat ? tellKeepAliveType() : []
        case .closed(let closure):
            if case .peer(Self.policyViolation, _) = closure, !socket.isReady { refusedStatus += 1 }
            return lost(socket, closure.reason, at: now, fraction: fraction)
        case .ticked: return renewal(at: now) + ticked(at: now, fraction: fraction)
        default: return []
        }
    }

    private mutating func lookUp() -> [Action] {
        phase = .lookingUp
        // As the app does it: idle at first, then the change is told on the open socket.
        return [.lookUp(wasEverOpen ? wantedType : .idle)]
    }

    private mutating func opened(_ socket: OpenPushSocket) -> [Action] {
        phase = .open(socket)
        wasEverOpen = true
        hasRenewedToken = false
        // Frames are taken in order, so the answer to a ping behind the status frame shows that the service has it, and that
        // no event is missed from there on.
        let status: [Action] = socket.address.dialect.hasClientFrames ? [.sendStatus] : []
        return [.report(.connected)] + status + [.ping]
    }

    private mutating func becomeReady() -> [Action] {
        guard case .open(var socket) = phase, socket.becomeReady() else { return [] }
        phase = .open(socket)
        refusedStatus = 0
        outage.end()
        return [.report(.ready)] + tellKeepAliveType()
    }

    private mutating func tellKeepAliveType() -> [Action] {
        guard case .open(var socket) = phase, socket.changeType(to: wantedType) else { return [] }
        phase = .open(socket)
        return [.sendKeepAliveType(wantedType)]
    }

    /// One renewal for each try: a token refused hours ago says nothing about this one. A status frame that was refused
    /// is not sent again with the same token.
    private mutating func tryAgain() -> [Action] {
        hasRenewedToken = refusedStatus > 0
        guard hasRenewedToken else { return lookUp() }
        phase = .renewing
        return [.renewToken]
    }

    /// The token is renewed well before it expires; the stream knows nothing of it until there is a new one.
    private mutating func renewal(at now: Duration) -> [Action] {
        guard case .open(var socket) = phase, let due = socket.renewalDue, now >= due else { return [] }
        socket.renewalDue = nil
        phase = .open(socket)
        return [.refreshToken]
    }

    private mutating func ticked(at now: Duration, fraction: Double) -> [Action] {
        guard case .open(var socket) = phase else { return [] }
        let verdict = socket.tick(at: now)
        phase = .open(socket)
        if case .dead(let limit) = verdict {
            let reason = "no answer to a ping within \(limit.inMilliseconds / 1000) s"
            return [.abandon] + lost(socket, reason, at: now, fraction: fraction)
        }
        let ready = socket.readyDue.map { now >= $0 } == true ? becomeReady() : []
        return verdict == .ping ? ready + [.ping] : ready
    }

    private mutating func lost(
        _ socket: OpenPushSocket, _ reason: String, at now: Duration, fraction: Double
    ) -> [Action] {
        if socket.isStable(at: now) { backoff.reset() }
        heldUntil = socket.heldUntil(ifLostAt: now)
        outage.begin(at: now)
        // A connection that never brought anything is no success, or a service that closes each at once were tried for ever.
        if !socket.isReady { outage.failed() }
        let error = PartyError(.unreachable, "the push stream was lost: \(reason)", step: "push")
        guard policy.reconnects, !outage.isTooLong(for: policy, at: now) else { return end(error) }
        guard refusedStatus < Self.statusTries else {
            return end(
                PartyError(
                    .signIn, "the push service refuses the sign-in: \(reason)", step: "push",
                    remedy: .signInAgain))
        }
        let wait = backoff.next(after: socket.isReady ? .lostStream : .network, fraction: fraction)
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
        let advised = error.advice?.wait(fraction: fraction)
        let wait = advised ?? backoff.next(after: error.status == nil ? .network : .refusal, fraction: fraction)
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
            !isHeldOnTo
                && (phase == .lookingUp
                    || outage.tries >= (error.status == nil ? Self.firstTries : Self.firstTriesRefused))
        }
    }
}
