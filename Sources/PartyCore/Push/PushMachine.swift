/// Decides how the push stream is opened, kept alive and opened again. Inputs are events that happened, actions are what to do.
/// It holds no socket, task or clock; `PushSession` executes it (docs/protocol.md, 7).
package struct PushMachine: Sendable {
    /// How long the machine tries to get a lost stream back.
    package struct Policy: Sendable, Equatable {
        package var reconnects = true
        /// Whether the stream has stood before, in another process. Then the first connection is tried as long as a lost one.
        package var hasStood = false
        /// How long ago that process lost it.
        package var lostAgo: Duration = .zero
        /// What the connection is used for.
        package var keepAliveType = PushDialect.KeepAliveType.idle
        /// Give up after this number of failed tries in a row.
        package var maximumTries: Int?
        /// Give up after this time without a stream.
        package var maximumOutage: Duration?

        package init() {}
    }

    package enum Input: Sendable, Equatable {
        /// With the rest of the wait that the service asked an earlier run for.
        case started(advised: Duration?)
        case addressFound(PushAddress)
        /// With the time until the token must be renewed; `nil` if it need not be.
        case opened(renewIn: Duration?)
        /// A step failed.
        case failed(PartyError)
        /// The answer to `renewToken`.
        case tokenRenewed
        /// The answer to `refreshToken`, with the time until the new token must be renewed.
        case tokenRefreshed(renewIn: Duration?)
        /// The answer to `refreshToken`: no new token, with the time until the next try; `nil` for never.
        case tokenNotRefreshed(retryIn: Duration?)
        /// The use of the connection has changed.
        case keepAliveTypeWanted(PushDialect.KeepAliveType)
        /// The service answered a frame of ours.
        case answered(PushAnswer)
        /// We are about to close the connection.
        case stopAsked
        /// A frame, a pong or part of a message.
        case arrived
        case closed(PushClosure)
        /// The time of `deadline` may have passed.
        case ticked
    }

    package enum Action: Sendable, Equatable {
        case lookUp(PushDialect.KeepAliveType)
        case open(PushAddress, isReconnection: Bool)
        /// Send our status and the token.
        case sendStatus
        case sendKeepAliveType(PushDialect.KeepAliveType)
        case ping
        /// Close the socket without waiting: it no longer answers.
        case abandon
        case renewToken
        /// Get a new token while the stream goes on.
        case refreshToken
        case report(StreamLifecycle)
        /// Tell the user something that does not change the stream.
        case notify(String)
        case fail(PartyError)
        case reportFault(MachineFault)
    }

    /// Each state takes the inputs that its method lists; the others are faults.
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
    /// How many status frames in a row the service answered by closing.
    private var refusedStatus = 0
    private var wantedType: PushDialect.KeepAliveType
    /// Up to when the service holds our place; `nil` if no stream was lost.
    private var heldUntil: Duration?
    /// Our frames whose refusal the user has been told of.
    private var toldRefusals: Set<PushAnswer.Method> = []

    /// How often a first connection is tried before the user is told.
    private static let firstTries = 3
    /// The same if the service refuses: the next try would be minutes later.
    private static let firstTriesRefused = 2
    /// How many status frames may be refused in a row, the first with the old token, the others with new ones.
    private static let statusTries = 3
    /// "Policy violation" (RFC 6455, 7.4.1). Before `ready` it can only concern the status frame and its token.
    private static let policyViolation: UInt16 = 1008

    package init(_ policy: Policy) {
        self.policy = policy
        wasEverOpen = policy.hasStood
        wantedType = policy.keepAliveType
    }

    /// When `ticked` is due; `nil` if no time has to pass.
    package var deadline: Duration? {
        switch phase {
        case .open(let socket): socket.deadline
        case .waiting(let until): until
        case .idle, .lookingUp, .opening, .renewing, .ended: nil
        }
    }

    /// Whether `arrived` would change anything: only before `ready`, and while a ping waits for its answer.
    package var awaitsArrival: Bool {
        if case .open(let socket) = phase { socket.awaitsArrival } else { false }
    }

    /// - Parameter now: time that only grows.
    /// - Parameter fraction: random, from 0 up to 1: the jitter.
    package mutating func handle(_ input: Input, at now: Duration, fraction: Double) -> [Action] {
        switch phase {
        case .idle: handleIdle(input, at: now)
        case .lookingUp: handleLookingUp(input, at: now, fraction: fraction)
        case .renewing: handleRenewing(input, at: now, fraction: fraction)
        case .opening(let address): handleOpening(input, address, at: now, fraction: fraction)
        case .open(let socket): handleOpen(input, socket, at: now, fraction: fraction)
        case .waiting(let until): handleWaiting(input, until: until, at: now)
        case .ended: handleWithoutSocket(input)
        }
    }

    private mutating func handleIdle(_ input: Input, at now: Duration) -> [Action] {
        guard case .started(let advised) = input else { return handleAlways(input) }
        if policy.hasStood { heldUntil = now + KeepAlive.defaultPresence - max(policy.lostAgo, .zero) }
        guard let advised else { return lookUp() }
        phase = .waiting(until: now + advised)
        return [.report(.retrying(reason: "not connected yet", retryAfter: advised, isAdvised: true))]
    }

    private mutating func handleLookingUp(_ input: Input, at now: Duration, fraction: Double) -> [Action] {
        switch input {
        case .addressFound(let address):
            phase = .opening(address)
            return [.open(address, isReconnection: heldUntil.map { now < $0 } ?? false)]
        case .failed(let error): return failed(error, at: now, fraction: fraction)
        default: return handleWithoutSocket(input)
        }
    }

    private mutating func handleRenewing(_ input: Input, at now: Duration, fraction: Double) -> [Action] {
        switch input {
        case .tokenRenewed: return lookUp()
        case .failed(let error): return failed(error, at: now, fraction: fraction)
        default: return handleWithoutSocket(input)
        }
    }

    private mutating func handleOpening(
        _ input: Input, _ address: PushAddress, at now: Duration, fraction: Double
    ) -> [Action] {
        switch input {
        case .opened(let renewIn): return opened(OpenPushSocket(address, renewIn: renewIn, at: now))
        case .failed(let error): return failed(error, at: now, fraction: fraction)
        default: return handleWithoutSocket(input)
        }
    }

    private mutating func handleWaiting(_ input: Input, until: Duration, at now: Duration) -> [Action] {
        if input == .ticked, now >= until { return tryAgain() }
        return handleWithoutSocket(input)
    }

    private mutating func handleOpen(
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
            // The voice chat of another process goes on over the connection of that process.
            wantedType = .idle
            return policy.keepAliveType == .voiceChat ? tellKeepAliveType() : []
        case .closed(let closure):
            if case .peer(Self.policyViolation, _) = closure, !socket.isReady { refusedStatus += 1 }
            return lost(socket, closure.reason, at: now, fraction: fraction)
        case .ticked: return renewal(at: now) + ticked(at: now, fraction: fraction)
        default: return handleAlways(input)
        }
    }

    /// Inputs that may come late, without effect: a tick of a timer that was set for an earlier state, and the answer to a
    /// refresh that a lost socket began.
    private mutating func handleWithoutSocket(_ input: Input) -> [Action] {
        switch input {
        case .ticked, .tokenRefreshed, .tokenNotRefreshed: []
        default: handleAlways(input)
        }
    }

    /// Inputs that every state takes.
    private mutating func handleAlways(_ input: Input) -> [Action] {
        switch input {
        case .keepAliveTypeWanted(let type):
            wantedType = type
            return tellKeepAliveType()
        case .stopAsked: return []
        default: return [.reportFault(MachineFault(input, in: phase))]
        }
    }

    private mutating func lookUp() -> [Action] {
        phase = .lookingUp
        // As the app does it: idle at first, then the change is sent on the open socket.
        return [.lookUp(wasEverOpen ? wantedType : .idle)]
    }

    private mutating func opened(_ socket: OpenPushSocket) -> [Action] {
        phase = .open(socket)
        wasEverOpen = true
        hasRenewedToken = false
        // The service takes frames in order: the answer to a ping behind the status frame proves that it has that frame, and
        // that no event is missed from then on.
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

    /// Allows one renewal for each try: a token that was refused hours ago says nothing about this one. After a refused status
    /// frame the token is renewed first, so that the frame is not sent again with the same token.
    private mutating func tryAgain() -> [Action] {
        hasRenewedToken = refusedStatus > 0
        guard hasRenewedToken else { return lookUp() }
        phase = .renewing
        return [.renewToken]
    }

    /// Renews the token well before it expires. The stream goes on meanwhile.
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
        // A connection that never became ready counts as a failed try. Otherwise a service that closes each connection at once
        // would be tried forever.
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

    /// Whether another try is pointless. A stream that once stood is given up only for errors that cannot pass, like a refused
    /// sign-in; a first connection is given up sooner, so that the user learns what is wrong.
    private func isFinal(_ error: PartyError) -> Bool {
        let keepsTrying = wasEverOpen || error.advice != nil
        return switch error.kind {
        case .signIn, .configuration, .storage, .badData, .usage, .internalFault, .engineFailed, .cancelled: true
        case .refused, .notFound, .forbidden, .tls, .conflict, .protocolViolation, .timeout: !keepsTrying
        case .unreachable, .rateLimited:
            !keepsTrying
                && (phase == .lookingUp
                    || outage.tries >= (error.status == nil ? Self.firstTries : Self.firstTriesRefused))
        }
    }
}
