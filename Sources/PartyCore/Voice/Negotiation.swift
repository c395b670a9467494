/// Decides who offers to whom, for all voice connections of one member: one to each other member's device,
/// and one to the bridge (docs/protocol.md, 6.5).
///
/// The rules are deduced, not captured: every offer is answered; of two members the one with the smaller account id, or the
/// larger platform number, offers; if both have offered, the other offer is void; a member that waits in vain offers.
/// A run that begins waits before it offers, because a member whose run begins a moment later does not get the offer.
package struct Negotiation: Sendable {
    /// An event.
    package enum Input: Sendable, Equatable {
        /// The member's device is in the party. Repeated, it changes nothing.
        case memberJoined(Signal.Endpoint)
        /// The member's device was in the party before this run began. Whether it uses voice is unknown.
        case memberFound(Signal.Endpoint)
        /// Every other member has a place on the bridge, so every one of them gets an offer.
        case allAreInVoice
        case memberLeft(Signal.Endpoint)
        case signalArrived(ReceivedSignal)
        case bridgeOffered(sdp: String)
        /// The bridge was deleted by the member that made it.
        case bridgeLost
        /// `offer`, `answer` or `bye`, or `want-offer` for the bridge; only psparty sends the other messages.
        case engineSaid(EngineMessage)
        /// An own signal was delivered.
        case delivered(Signal)
        /// The answer to the bridge was delivered.
        case bridgeAnswered
        /// An own signal was not delivered.
        case sendFailed(Signal, isTransient: Bool)
        /// The stream was interrupted: signals may have been lost.
        case streamResumed
        /// The account was dropped from the party and joined again: for the others it is new.
        case rejoined
        /// `deadline` has passed.
        case ticked
    }

    /// An action. Actions are executed in order.
    package enum Action: Sendable, Equatable {
        case tellEngine(EngineMessage)
        /// A message to one device; the recipient's platform is the word of the roster.
        case send(Signal, to: Signal.Endpoint)
        case answerBridge(sdp: String)
        /// The engine no longer wants the bridge.
        case dropBridge
        /// The engine wants a new offer of the bridge: its connection has failed.
        case renewBridge
        /// An offer and its answer are exchanged, and the own one was delivered.
        case reportAgreed(VoicePeer)
        case warn(Warning)
    }

    /// A warning for people.
    package enum Warning: Sendable, Equatable {
        /// The engine is late with an offer or an answer.
        case engineSilent(VoicePeer)
        /// No own offer was answered. The peer may have agreed before, and so uses voice.
        case peerSilent(VoicePeer, hadAgreed: Bool)
        /// The parts of a signal name different senders.
        case untrusted(ReceivedSignal)
        /// The engine names a peer that is not there.
        case unknownPeer(VoicePeer)
        /// The engine answers without an offer.
        case unexpectedAnswer(VoicePeer)
        /// The peer's numbers exceed the range; the own numbers start again.
        case sequenceBeyondUse(VoicePeer)
        /// The engine offers too often; the newest offer waits. Reported once for each peer.
        case offerWaits(VoicePeer)
        /// The number of that platform in signals is unknown (docs/protocol.md, 4.0).
        case unknownPlatform(VoicePeer)
    }

    /// How long to wait, and how often to try. The captured clients answer within 2 s.
    package struct Policy: Sendable {
        /// The wait before the first offer to a member who was in the party before this run: members who begin within this
        /// time exchange one offer, not two.
        package var startPatience: Duration = .seconds(3)
        /// The same where that member has to offer. It is longer by the spread of the starts and the time of a request.
        package var startOfferPatience: Duration = .seconds(7)
        /// The wait for the first offer of a member who has to offer.
        package var offerPatience: Duration = .seconds(3)
        /// The wait for the answer to an own offer while there is an offer of the other side.
        package var glarePatience: Duration = .seconds(3)
        /// The wait for the answer to an own offer.
        package var answerPatience: Duration = .seconds(10)
        /// The wait for an offer or answer of the engine, before that is reported.
        package var engineTimeout: Duration = .seconds(10)
        /// The wait for a late answer of the engine, before it gets a later offer instead.
        package var engineLateness: Duration = .seconds(50)
        /// How many offers a member who does not answer gets.
        package var attempts = 3
        /// The pauses before the second and third offer to a member who does not answer and may not use voice.
        package var offerPauses: [Duration] = [.seconds(60), .seconds(300)]
        /// How many offers of one member the engine gets at once; then one in each `answerPause`.
        package var answersAtOnce = 6
        package var answerPause: Duration = .seconds(20)
        /// So many offers that the engine makes by itself go to one member at once; then one in each `offerPause`. Also: how
        /// often the bridge is asked for a new one.
        package var offersAtOnce = 6
        package var offerPause: Duration = .seconds(20)
        /// How long a message may be overtaken by a later one. An older number is of a process that was restarted.
        package var reorderWindow: Duration = .seconds(5)

        package init() {}
    }

    private let me: Signal.Endpoint
    private let policy: Policy
    private var peers: [Signal.Endpoint: PeerNegotiation] = [:]
    private var bridge: PeerNegotiation
    /// How often the engine may request a new offer of the bridge, and when its next request is due.
    private var renewals: OfferQuota
    private var renewalDue: Duration?
    /// The names of unknown platforms in signals.
    private var signalPlatforms: [Signal.Endpoint: Platform] = [:]
    /// The latest offers of devices whose joining was not reported yet: frames arrive out of order.
    private var strangers: [(from: Signal.Endpoint, signal: Signal, time: Duration)] = []
    /// Devices that have left. A signal of one is late, and does not count after its return.
    private var departed: [(endpoint: Signal.Endpoint, allowance: PeerAllowance)] = []
    private var globalSequence: SequenceCount

    private static let strangersLimit = 16
    private static let departedLimit = 64

    /// - Parameter me: the own device, as in the roster.
    /// - Parameter lastSequence: the number of the last message that was sent before this.
    package init(me: Signal.Endpoint, policy: Policy = Policy(), lastSequence: Int64 = 0) {
        self.me = me
        self.policy = policy
        globalSequence = SequenceCount(last: lastSequence) ?? SequenceCount()
        bridge = PeerNegotiation(isPreferred: false, policy: policy)
        renewals = OfferQuota(atOnce: policy.offersAtOnce, pause: policy.offerPause)
    }

    /// When `ticked` is due next, on the clock of `handle`; `nil` if it is not.
    package var deadline: Duration? {
        (peers.values.compactMap(\.deadline) + [bridge.deadline, renewalDue].compactMap { $0 }).min()
    }

    /// The other devices in the party.
    package var members: [Signal.Endpoint] {
        peers.keys.sorted { ($0.accountID, $0.platform.rawValue) < ($1.accountID, $1.platform.rawValue) }
    }

    /// - Parameter now: monotonic time.
    package mutating func handle(_ input: Input, at now: Duration) -> [Action] {
        switch input {
        case .memberJoined(let endpoint): return add(endpoint, by: .joined, at: now)
        case .memberFound(let endpoint): return add(endpoint, by: .found, at: now)
        case .allAreInVoice: return members.flatMap { run(.isInVoice, on: $0, at: now) }
        case .memberLeft(let endpoint): return leave(endpoint)
        case .signalArrived(let received): return receive(received, at: now)
        case .bridgeOffered(let sdp):
            let offer = PeerNegotiation.Message(sdp: sdp, sequence: "", global: 0)
            return actions(bridge.handle(.offered(offer), at: now), for: .bridge)
        case .bridgeLost:
            let wasKnown = bridge.isKnownToEngine
            renewalDue = nil
            bridge = PeerNegotiation(isPreferred: false, policy: policy)
            return wasKnown ? [.tellEngine(.bye(.bridge))] : []
        case .engineSaid(let message): return hear(message, at: now)
        case .delivered(let signal):
            guard signal.kind == .answer, let peer = peer(named: signal.to) else { return [] }
            return run(.answerDelivered(sequence: signal.sdpSequence), on: peer, at: now)
        case .bridgeAnswered: return actions(bridge.handle(.answerDelivered(sequence: nil), at: now), for: .bridge)
        case .sendFailed(let signal, let isTransient):
            guard let peer = peer(named: signal.to) else { return [] }
            return run(.sendFailed(sequence: signal.sdpSequence, isTransient: isTransient), on: peer, at: now)
        case .streamResumed: return members.flatMap { run(.resumed, on: $0, at: now) }
        case .rejoined:
            let members = members
            return members.flatMap { handle(.memberLeft($0), at: now) }
                + members.flatMap { handle(.memberJoined($0), at: now) }
        case .ticked:
            return renewBridge(at: now) + actions(bridge.handle(.ticked, at: now), for: .bridge)
                + members.flatMap { run(.ticked, on: $0, at: now) }
        }
    }
}

// MARK: - Members and their signals

extension Negotiation {
    private mutating func add(
        _ endpoint: Signal.Endpoint, by input: PeerNegotiation.Input, at now: Duration
    ) -> [Action] {
        guard endpoint != me, peers[endpoint] == nil else { return [] }
        let allowance = departed.first { $0.endpoint == endpoint }?.allowance
        peers[endpoint] = PeerNegotiation(
            isPreferred: offersFirst(to: endpoint), policy: policy, allowance: allowance)
        departed.removeAll { $0.endpoint == endpoint }
        strangers.removeAll { now - $0.time > policy.reorderWindow }
        if let index = strangers.lastIndex(where: { isSame($0.from, endpoint) }) {
            let signal = strangers.remove(at: index).signal
            return receive(ReceivedSignal(signal: signal, oddities: []), at: now)
        }
        // A device whose platform has no known number cannot be written to before it has written.
        guard endpoint.platform.signalNumber != nil else {
            return [.warn(.unknownPlatform(.member(endpoint)))]
        }
        return run(input, on: endpoint, at: now)
    }

    private mutating func leave(_ endpoint: Signal.Endpoint) -> [Action] {
        strangers = strangers.filter { !isSame($0.from, endpoint) }
        let peer = peers.removeValue(forKey: endpoint)
        let allowance = peer?.allowance ?? departed.first { $0.endpoint == endpoint }?.allowance
        departed.removeAll { $0.endpoint == endpoint }
        departed = (departed + [(endpoint, allowance ?? PeerAllowance(policy))]).suffix(Self.departedLimit)
        let wasKnown = peer?.isKnownToEngine ?? false
        return wasKnown ? [.tellEngine(.bye(.member(endpoint)))] : []
    }

    /// The tie-break: the smaller account, then the larger platform number.
    private func offersFirst(to endpoint: Signal.Endpoint) -> Bool {
        guard me.accountID == endpoint.accountID else { return me.accountID < endpoint.accountID }
        return (me.platform.signalNumber ?? 0) > (endpoint.platform.signalNumber ?? 0)
    }

    /// Whether a signal's sender is that member: a platform that we cannot name comes as a number that we do not know.
    private func isSame(_ sender: Signal.Endpoint, _ member: Signal.Endpoint) -> Bool {
        if sender == member { return true }
        return sender.accountID == member.accountID && member.platform.signalNumber == nil
            && Int64(sender.platform.rawValue) != nil
    }

    private func peer(named sender: Signal.Endpoint) -> Signal.Endpoint? {
        if peers[sender] != nil { return sender }
        let candidates = peers.keys.filter { isSame(sender, $0) }
        return candidates.count == 1 ? candidates[0] : nil
    }

    private mutating func receive(_ received: ReceivedSignal, at now: Duration) -> [Action] {
        let signal = received.signal
        // Our own second device gets its own.
        guard signal.to == me, signal.from != me else { return [] }
        guard !received.oddities.contains(.senderMismatch) else { return [.warn(.untrusted(received))] }
        guard let sdp = signal.sdp, signal.kind == .offer || signal.kind == .answer else { return [] }
        guard let peer = peer(named: signal.from) else {
            if signal.kind == .offer { keep(signal, at: now) }
            return []
        }
        if peer != signal.from { signalPlatforms[peer] = signal.from.platform }
        let message = PeerNegotiation.Message(
            sdp: sdp, sequence: signal.sdpSequence, global: signal.globalSequence)
        return run(signal.kind == .offer ? .offered(message) : .answered(message), on: peer, at: now)
    }

    private mutating func keep(_ signal: Signal, at now: Duration) {
        guard !departed.contains(where: { isSame(signal.from, $0.endpoint) }) else { return }
        strangers.removeAll { $0.from == signal.from }
        strangers.append((signal.from, signal, now))
        if strangers.count > Self.strangersLimit { strangers.removeFirst() }
    }

    private mutating func hear(_ message: EngineMessage, at now: Duration) -> [Action] {
        let (peer, input): (VoicePeer, PeerNegotiation.Input)
        switch message {
        case .offer(let name, let sdp): (peer, input) = (name, .engineOffered(sdp: sdp))
        case .answer(let name, let sdp): (peer, input) = (name, .engineAnswered(sdp: sdp))
        case .bye(let name): (peer, input) = (name, .engineLeft)
        case .wantOffer(.bridge):
            renewalDue = renewals.wait(at: now) ?? now
            return renewBridge(at: now)
        case .hello, .wantOffer: return []
        }
        switch peer {
        case .bridge:
            if case .engineOffered = input { return [.warn(.unknownPeer(.bridge))] }
            if input == .engineLeft { renewalDue = nil }
            let actions = actions(bridge.handle(input, at: now), for: .bridge)
            return input == .engineLeft ? actions + [.dropBridge] : actions
        case .member(let endpoint):
            guard peers[endpoint] != nil else {
                // A message of the engine to a member who has just left is late, not wrong.
                let isLate = input == .engineLeft || departed.contains { $0.endpoint == endpoint }
                return isLate ? [] : [.warn(.unknownPeer(peer))]
            }
            return run(input, on: endpoint, at: now)
        }
    }
}

// MARK: - The bridge

extension Negotiation {
    /// Requests a new offer of the bridge, if the engine asked for one and it is time.
    private mutating func renewBridge(at now: Duration) -> [Action] {
        guard let due = renewalDue, due <= now else { return [] }
        renewalDue = nil
        renewals.take(at: now)
        return [.renewBridge]
    }
}

// MARK: - From one peer's steps to actions

extension Negotiation {
    private mutating func run(
        _ input: PeerNegotiation.Input, on endpoint: Signal.Endpoint, at now: Duration
    ) -> [Action] {
        guard let steps = peers[endpoint]?.handle(input, at: now) else { return [] }
        return actions(steps, for: .member(endpoint))
    }

    private mutating func actions(_ steps: [PeerNegotiation.Step], for peer: VoicePeer) -> [Action] {
        steps.map { step in
            switch step {
            case .askForOffer: return .tellEngine(.wantOffer(peer))
            case .tellOffer(let sdp): return .tellEngine(.offer(peer, sdp: sdp))
            case .tellAnswer(let sdp): return .tellEngine(.answer(peer, sdp: sdp))
            case .send(let kind, let sdp, let sequence):
                guard case .member(let endpoint) = peer else { return .answerBridge(sdp: sdp) }
                return .send(signal(kind, sdp, sequence, to: endpoint), to: endpoint)
            case .reportAgreed: return .reportAgreed(peer)
            case .warnEngineSilent: return .warn(.engineSilent(peer))
            case .warnPeerSilent(let hadAgreed): return .warn(.peerSilent(peer, hadAgreed: hadAgreed))
            case .warnUnexpectedAnswer: return .warn(.unexpectedAnswer(peer))
            case .warnSequenceBeyondUse: return .warn(.sequenceBeyondUse(peer))
            case .warnOfferWaits: return .warn(.offerWaits(peer))
            }
        }
    }

    private mutating func signal(
        _ kind: Signal.Kind, _ sdp: String, _ sequence: String, to endpoint: Signal.Endpoint
    ) -> Signal {
        let platform = signalPlatforms[endpoint] ?? endpoint.platform
        return Signal(
            from: me, to: Signal.Endpoint(accountID: endpoint.accountID, platform: platform), kind: kind, sdp: sdp,
            globalSequence: globalSequence.next(), sdpSequence: sequence)
    }
}
