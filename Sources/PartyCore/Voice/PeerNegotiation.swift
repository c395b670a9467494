/// The negotiation of one voice connection, between the engine and one device of another member or the bridge.
struct PeerNegotiation: Sendable {
    /// An offer or answer of the other side.
    struct Message: Sendable, Equatable {
        let sdp: String
        /// Its number among the negotiations of this connection; an answer repeats its offer's.
        let sequence: String
        /// The number of this message among all messages of the sender's process.
        let global: Int64
    }

    enum Input: Sendable, Equatable {
        /// The device joined the party session now.
        case joined
        /// The device was in the party session before this run began.
        case found
        /// The device uses voice, so an offer reaches it.
        case isInVoice
        case resumed, ticked
        case offered(Message)
        case answered(Message)
        case engineOffered(sdp: String)
        case engineAnswered(sdp: String)
        case engineLeft
        /// The service took our answer. `sequence` is `nil` for the bridge: it has one exchange at a time, without a number.
        case answerDelivered(sequence: String?)
        case sendFailed(sequence: String, isTransient: Bool)
    }

    enum Step: Sendable, Equatable {
        case askForOffer
        case tellOffer(sdp: String)
        case tellAnswer(sdp: String)
        case send(Signal.Kind, sdp: String, sequence: String)
        case reportAgreed
        case warnPeerSilent(hadAgreed: Bool)
        case warnEngineSilent, warnUnexpectedAnswer, warnSequenceBeyondUse, warnOfferWaits
    }

    private enum Phase: Sendable, Equatable {
        /// Nothing is in progress, and nothing starts by itself: the engine wanted no connection, or made no offer.
        case idle
        /// Waits for the peer's offer.
        case awaitingOffer
        /// Waits for an offer of the engine.
        case asking
        /// Waits for the answer to the own offer.
        case offering(since: Duration)
        /// Waits for the engine's answer to the peer's offer with this number. The engine may be late.
        case answering(sequence: String, isLate: Bool)
        /// The own answer is being sent.
        case answered(sequence: String)
        /// Offer and answer are exchanged.
        case agreed
    }

    private let isPreferred: Bool
    private let policy: Negotiation.Policy
    private var phase = Phase.idle
    /// The deadline of the phase.
    private var phaseDeadline: Duration?
    private var peerOffers: PeerOffers
    /// The joins of this peer that get an offer.
    private var arrivals: OfferQuota
    /// Offers that the engine made by itself.
    private var ownOffers: OwnOffers
    /// Offers that the engine got and has not answered.
    private var owedAnswers = 0
    /// Whether it was reported that the peer does not answer.
    private var hasWarned = false
    /// Whether an offer and its answer were exchanged with this peer.
    private var hasAgreed = false
    /// Whether our offer got no answer in time; our next offer is sent at `phaseDeadline`.
    private var isPausing = false
    /// Whether the engine knows this peer.
    private(set) var isKnownToEngine = false
    /// The numbers of the negotiations; the last one is the latest negotiation's.
    private var count = SequenceCount()
    /// Whether it was reported that a number of this peer exceeded the range.
    private var hasToldOfNumber = false
    /// Offers made since the last one that was answered.
    private var attempts = 0
    /// Numbers of own offers that were dropped for an offer of the peer. An answer to one may still arrive.
    private var yielded: Set<String> = []
    /// The latest own offer.
    private var ownOffer: String?

    /// - Parameter isPreferred: whether this side offers first, and its offer wins if both sides have made one.
    /// - Parameter allowance: the limits that remain from an earlier membership.
    init(isPreferred: Bool, policy: Negotiation.Policy, allowance: PeerAllowance? = nil) {
        self.isPreferred = isPreferred
        self.policy = policy
        let allowance = allowance ?? PeerAllowance(policy)
        peerOffers = PeerOffers(allowance.offers, reorderWindow: policy.reorderWindow)
        arrivals = allowance.arrivals
        ownOffers = OwnOffers(atOnce: policy.offersAtOnce, pause: policy.offerPause)
    }

    /// The limits of this peer, for a later membership.
    var allowance: PeerAllowance { PeerAllowance(offers: peerOffers.quota, arrivals: arrivals) }

    /// The earliest deadline.
    var deadline: Duration? { [phaseDeadline, peerOffers.deadline, ownOffers.deadline].compactMap { $0 }.min() }

    mutating func handle(_ input: Input, at now: Duration) -> [Step] {
        switch input {
        case .joined:
            let wait = arrivals.wait(at: now)
            arrivals.take(at: now)
            guard let wait else { return begin(at: now) }
            // A member that rejoins often may offer at once; our own offer waits for the allowance.
            become(.awaitingOffer, until: wait + policy.offerPatience)
            return []
        case .found:
            arrivals.take(at: now)
            let wait = isPreferred ? policy.startPatience : policy.startOfferPatience
            guard wait > .zero else { return ask(at: now) }
            become(.awaitingOffer, until: now + wait)
            return []
        case .isInVoice:
            guard case .awaitingOffer = phase, let deadline = phaseDeadline else { return [] }
            if isPreferred { return ask(at: now) }
            // A member who waits at its own start offers within that time.
            phaseDeadline = min(deadline, now + policy.startPatience)
            return []
        case .resumed:
            switch phase {
            case .answering, .answered, .agreed, .asking, .idle: return []
            case .awaitingOffer, .offering: return begin(at: now)
            }
        case .ticked: return tick(at: now)
        case .offered(let message): return take(offer: message, at: now)
        case .answered(let message): return take(answer: message, at: now)
        case .engineOffered(let sdp): return offer(sdp, at: now)
        case .engineAnswered(let sdp): return answer(sdp, at: now)
        case .engineLeft:
            become(.idle)
            peerOffers.drop()
            owedAnswers = 0
            ownOffers.drop()
            return []
        case .answerDelivered(let sequence): return confirm(sequence)
        case .sendFailed(let sequence, let isTransient):
            return fail(sequence, isTransient: isTransient, at: now)
        }
    }

    private mutating func become(_ phase: Phase, until deadline: Duration? = nil) {
        self.phase = phase
        phaseDeadline = deadline
    }

    private mutating func begin(at now: Duration) -> [Step] {
        attempts = 0
        hasWarned = false
        guard isPreferred else {
            become(.awaitingOffer, until: now + policy.offerPatience)
            return []
        }
        return ask(at: now)
    }

    private mutating func ask(at now: Duration) -> [Step] {
        isKnownToEngine = true
        become(.asking, until: now + policy.engineTimeout)
        return [.askForOffer]
    }

    private mutating func tick(at now: Duration) -> [Step] {
        var steps: [Step] = []
        if peerOffers.release(at: now), !isBusy { steps += takeParked(at: now) }
        if let sdp = ownOffers.takeDue(at: now) { steps += send(offer: sdp, at: now) }
        if let phaseDeadline, phaseDeadline <= now { steps += expire(at: now) }
        return steps
    }

    /// Whether an offer of the peer has to wait for the present exchange.
    private var isBusy: Bool {
        switch phase {
        case .answering, .offering: true
        case .idle, .awaitingOffer, .asking, .answered, .agreed: false
        }
    }

    private mutating func expire(at now: Duration) -> [Step] {
        switch phase {
        case .awaitingOffer: return ask(at: now)
        case .asking:
            become(.idle)
            return [.warnEngineSilent] + takeParked(at: now)
        case .answering(let sequence, false):
            become(.answering(sequence: sequence, isLate: true), until: now + policy.engineLateness)
            return [.warnEngineSilent]
        case .answering(_, true):
            become(.idle)
            return takeParked(at: now)
        case .offering: return missAnswer(at: now)
        case .idle, .answered, .agreed:
            phaseDeadline = nil
            return []
        }
    }

    /// The own offer was not answered in time. A late answer is still used; another offer follows after a longer pause.
    private mutating func missAnswer(at now: Duration) -> [Step] {
        if peerOffers.waiting != nil {
            yield()
            phaseDeadline = nil
            return takeParked(at: now)
        }
        guard !isPausing else { return ask(at: now) }
        isPausing = true
        phaseDeadline = nil
        if attempts < policy.attempts, !policy.offerPauses.isEmpty {
            phaseDeadline = now + policy.offerPauses[min(max(attempts - 1, 0), policy.offerPauses.count - 1)]
        }
        defer { hasWarned = true }
        return hasWarned ? [] : [.warnPeerSilent(hadAgreed: hasAgreed)]
    }
}

// MARK: - Their side

extension PeerNegotiation {
    private mutating func take(offer message: Message, at now: Duration) -> [Step] {
        guard !peerOffers.isOvertaken(message, at: now) else { return [] }
        switch phase {
        case .offering(let since):
            let isGlare = now - since < policy.glarePatience
            if isPreferred, isGlare {
                peerOffers.park(message)
                phaseDeadline = since + policy.glarePatience
                return []
            }
            yield()
            return accept(message, at: now)
        case .answering:
            peerOffers.park(message)
            return []
        case .idle, .awaitingOffer, .asking, .answered, .agreed: return accept(message, at: now)
        }
    }

    private mutating func yield() {
        yielded.insert(String(count.last))
    }

    /// Sends an offer of the peer to the engine, unless too many came before: then the newest waits.
    private mutating func accept(_ message: Message, at now: Duration) -> [Step] {
        guard peerOffers.take(message, at: now) else { return [] }
        ownOffers.drop()
        let isCountAnew = count.follow(message.sequence)
        (attempts, hasWarned) = (0, false)
        isKnownToEngine = true
        owedAnswers = min(owedAnswers + 1, policy.answersAtOnce)
        // One that came without a number still needs one in its answer.
        let sequence = message.sequence.isEmpty ? String(max(count.last, 1)) : message.sequence
        become(.answering(sequence: sequence, isLate: false), until: now + policy.engineTimeout)
        guard isCountAnew, !hasToldOfNumber else { return [.tellOffer(sdp: message.sdp)] }
        hasToldOfNumber = true
        return [.tellOffer(sdp: message.sdp), .warnSequenceBeyondUse]
    }

    private mutating func takeParked(at now: Duration) -> [Step] {
        peerOffers.takeWaiting(at: now).map { accept($0, at: now) } ?? []
    }

    private mutating func take(answer message: Message, at now: Duration) -> [Step] {
        guard !peerOffers.isOvertaken(message, at: now) else { return [] }
        guard case .offering = phase, Int64(message.sequence) ?? count.last >= count.last else {
            return takeCrossed(message, at: now)
        }
        peerOffers.note(message, at: now)
        (attempts, hasWarned, hasAgreed) = (0, false, true)
        become(.agreed)
        return [.tellAnswer(sdp: message.sdp), .reportAgreed] + takeParked(at: now)
    }

    /// Both sides accepted the other's offer. The preferred side starts again.
    private mutating func takeCrossed(_ message: Message, at now: Duration) -> [Step] {
        guard yielded.remove(message.sequence) != nil, isPreferred else { return [] }
        if case .offering = phase { return [] }
        peerOffers.note(message, at: now)
        peerOffers.drop()
        return ask(at: now)
    }
}

// MARK: - Our side

extension PeerNegotiation {
    private mutating func offer(_ sdp: String, at now: Duration) -> [Step] {
        switch phase {
        // It crossed an offer of the peer that the engine had not read yet: that one is valid.
        case .answering: return []
        // The engine was asked while its offer was on the way to us, and has sent the same offer again.
        case .offering where !isPausing, .agreed: if sdp == ownOffer { return [] }
        case .idle, .awaitingOffer, .asking, .offering, .answered: break
        }
        guard ownOffers.take(sdp, isAskedFor: phase == .asking, at: now) else {
            return ownOffers.warnOnce() ? [.warnOfferWaits] : []
        }
        return send(offer: sdp, at: now)
    }

    private mutating func send(offer sdp: String, at now: Duration) -> [Step] {
        if case .answering = phase { return [] }
        isPausing = false
        ownOffer = sdp
        let number = String(count.next())
        attempts += 1
        isKnownToEngine = true
        let patience = peerOffers.waiting == nil ? policy.answerPatience : policy.glarePatience
        become(.offering(since: now), until: now + patience)
        return [.send(.offer, sdp: sdp, sequence: number)]
    }

    private mutating func answer(_ sdp: String, at now: Duration) -> [Step] {
        let isOwed = owedAnswers > 0
        owedAnswers = max(owedAnswers - 1, 0)
        switch phase {
        case .answering(let sequence, _):
            // A later offer has come meanwhile: this answer is void.
            if peerOffers.hasReady(at: now) { return takeParked(at: now) }
            become(.answered(sequence: sequence))
            peerOffers.hold(at: now)
            return [.send(.answer, sdp: sdp, sequence: sequence)]
        // The answer to an offer that is no longer open: dropped from the queue, or given to the engine long ago.
        case .asking: return []
        case .idle, .awaitingOffer, .offering, .answered, .agreed: return isOwed ? [] : [.warnUnexpectedAnswer]
        }
    }

    private mutating func confirm(_ sequence: String?) -> [Step] {
        guard case .answered(let sent) = phase, sequence == nil || sequence == sent else { return [] }
        hasAgreed = true
        become(.agreed)
        return [.reportAgreed]
    }

    private mutating func fail(_ sequence: String, isTransient: Bool, at now: Duration) -> [Step] {
        switch phase {
        case .offering where sequence == String(count.last):
            let isWorthwhile = isTransient && attempts < policy.attempts
            become(.awaitingOffer, until: isWorthwhile ? now + policy.offerPatience : nil)
            return takeParked(at: now)
        case .answered(let sent) where sequence == sent:
            // Our answer may be lost. If the peer does not offer again, we do.
            let isWorthwhile = isTransient && attempts < policy.attempts
            become(.awaitingOffer, until: isWorthwhile ? now + policy.offerPatience : nil)
            return takeParked(at: now)
        default: return []
        }
    }
}
