/// Carries signals between the members of one party session and an engine, and the bridge's offer to it, until one of
/// them is done or the task is cancelled. On any end the engine and our place on the bridge are taken down.
///
/// What is decided is `Negotiation`'s; what may go out, and when, `SignalOutbox`'s. Nothing here waits for the engine: what
/// it does not read is held in memory (`EngineBacklog`), and the push connection stays alive meanwhile.
public actor VoiceRun {
    /// How it goes about it.
    public struct Options: Sendable {
        /// Whether the party's bridge is used at all.
        public var usesBridge = true
        /// Waits and tries.
        public var policy = Negotiation.Policy()
        /// How many lines of the engine that cannot be understood are put up with.
        public var garbageLimit = 100

        public init() {}
    }

    /// What people and scripts may want to know.
    public enum Report: Sendable, Equatable {
        /// Events flow: from here on members are signalled.
        case started(party: PartyID, me: VoicePeer)
        /// Offer and answer are exchanged with this peer, and it is up to the engine.
        case agreed(VoicePeer)
        /// The member is gone.
        case left(VoicePeer)
        /// What went wrong and does not end the run.
        case warning(VoicePeer?, PartyError)
        case stream(StreamLifecycle)
        case stopping
        /// What could not be taken down in the end.
        case leftOpen(BridgeAttachment, PartyError)
    }

    /// What ends a run.
    enum End: Sendable, Equatable {
        case cancelled
        case partyOver
        case engineGone(EngineLink.End)
        case failed(PartyError)
    }

    /// How long a run may take to give back its place on the bridge.
    public static let closingPatience: Duration = .seconds(5)
    /// How often at most the service is asked the same about bridge or membership.
    private static let lookPause: Duration = .seconds(10)
    /// How often in a row an answer to the bridge may be lost.
    private static let bridgeTries = 3

    private let client: PartyClient
    private let identity: VoiceIdentity
    private let engine: EngineLink
    private let options: Options
    private let report: @Sendable (Report) -> Void
    private let ends: AsyncStream<End>
    private let postEnd: AsyncStream<End>.Continuation

    private var negotiation: Negotiation
    private var outbox = SignalOutbox()
    private var backlog = EngineBacklog()
    private var warnings = WarningTally()
    private var bridgeQueue = WorkQueue()
    private var bridgeLosses = 0
    /// Members that the look-up before the stream showed, and no later one has confirmed yet.
    private var unconfirmed: Set<Signal.Endpoint> = []
    private var garbage = 0
    private var hasBegun = false
    private var isOver = false
    private var bridgeCheck = LookGate(pause: lookPause)
    private var memberCheck = LookGate(pause: lookPause)
    private var alarm: Task<Void, Never>?
    private var alarmDeadline: Duration?

    /// - Parameter engine: already running; this run ends it.
    /// - Parameter report: called in order; it must not block.
    public init(
        _ client: PartyClient, identity: VoiceIdentity, engine: EngineLink, options: Options,
        report: @escaping @Sendable (Report) -> Void
    ) {
        self.client = client
        self.identity = identity
        self.engine = engine
        self.options = options
        self.report = report
        negotiation = Negotiation(me: identity.me, policy: options.policy, lastSequence: identity.lastSequence)
        (ends, postEnd) = AsyncStream<End>.makeStream()
    }

    private var clock: PartyClock { client.environment.clock }

    /// Runs until the engine ends, the party does, another process takes over, or the task is cancelled.
    /// - Parameter claim: the right to speak for the profile; the caller releases it.
    /// - Throws: `.engineFailed` where the engine crashes or does not keep to the protocol; `.conflict` where another
    ///   process has taken over; what the stream throws.
    public func run(_ feed: PartyFeed, claim: VoiceClaim? = nil) async throws(PartyError) {
        tell(.hello(party: identity.party, me: .member(identity.me)))
        let end = await withTaskGroup(of: End.self) { group in
            group.addTask {
                do throws(PartyError) {
                    try await feed.forVoiceChat().run(.inItsTime { events in await self.take(events) })
                    return .cancelled
                } catch { return .failed(error) }
            }
            group.addTask { await self.listenToEngine() }
            group.addTask { [ends] in
                for await end in ends { return end }
                return .cancelled
            }
            if let claim { group.addTask { await Self.waitForSuccessor(claim) } }
            let first = await group.next() ?? .cancelled
            // Not a child, which would be cancelled with the rest: what is open is to be closed just then.
            let takingDown = Task { await self.takeDown() }
            group.cancelAll()
            await group.waitForAll()
            await takingDown.value
            return first
        }
        if let failure = end.failure { throw failure }
    }

    private static func waitForSuccessor(_ claim: VoiceClaim) async -> End {
        guard await claim.waitForRequest() else { return .cancelled }
        return .failed(PartyError(.conflict, "another process of this profile has taken voice over", step: "voice"))
    }

    /// Has it end well.
    public func end() {
        finish(.cancelled)
    }

    private func finish(_ end: End) {
        postEnd.yield(end)
    }

    private func takeDown() async {
        tellSummaries(at: nil)
        isOver = true
        alarm?.cancel()
        report(.stopping)
        async let isStopped: Void = engine.stop()
        await closeBridge()
        await isStopped
    }

    /// Takes our place on the bridge down, also when it has just been asked for, and tells what is left of it.
    private func closeBridge() async {
        guard options.usesBridge, hasBegun else { return }
        let underway = bridgeQueue.cancel()
        let session = BridgeSession(client)
        let closings = await clock.within(Self.closingPatience, step: "bridge removal") {
            () async throws(PartyError) -> [BridgeSession.Closing] in
            await underway?.value
            return try await session.close()
        }
        let late = PartyError(.timeout, "the service does not answer in time", step: "bridge removal")
        for attachment in (try? session.attachments()) ?? [] {
            let closing = try? closings.get().first { $0.attachment.isSame(as: attachment) }
            report(.leftOpen(attachment, closing?.error ?? late))
        }
    }

    // MARK: Time

    /// Hands an input to the negotiation and does what comes of it.
    private func handle(_ input: Negotiation.Input) {
        guard !isOver else { return }
        for action in negotiation.handle(input, at: clock.uptime()) { perform(action) }
        setAlarm()
    }

    private func setAlarm() {
        let deadlines = [negotiation.deadline, outbox.deadline, backlog.deadline, warnings.deadline]
        let deadline = deadlines.compactMap { $0 }.min()
        guard !isOver, deadline != alarmDeadline else { return }
        alarm?.cancel()
        alarmDeadline = deadline
        alarm = deadline.map { deadline in
            Task { [clock] in
                await clock.sleep(deadline - clock.uptime())
                if !Task.isCancelled { self.ring() }
            }
        }
    }

    private func ring() {
        alarmDeadline = nil
        guard !isOver else { return }
        tellSummaries(at: clock.uptime())
        sendSignals()
        tellEngine()
        handle(.ticked)
    }

    private func perform(_ action: Negotiation.Action) {
        switch action {
        case .tellEngine(let message):
            tell(message)
            if case .bye(let peer) = message { report(.left(peer)) }
        case .send(let signal, let endpoint):
            outbox.put(signal, to: endpoint)
            sendSignals()
        case .answerBridge(let sdp): workOnBridge { await $0.answer(sdp) }
        case .dropBridge: workOnBridge { await $0.drop() }
        case .reportAgreed(let peer): report(.agreed(peer))
        case .warn(let warning): tellPeople(warning)
        }
    }
}

// MARK: - What the push stream brings

extension VoiceRun {
    private func take(_ events: [StreamEvent]) {
        for event in events {
            switch event.content {
            case .lifecycle(let lifecycle): take(lifecycle)
            case .party(let event): take(event)
            case .duplicate, .unknownFrame: break
            }
        }
    }

    private func take(_ lifecycle: StreamLifecycle) {
        report(.stream(lifecycle))
        switch lifecycle {
        case .ready where !hasBegun: begin()
        case .resynced(let rejoined):
            let isRejoined = rejoined.contains(identity.party)
            handle(isRejoined ? .rejoined : .streamResumed)
            if isRejoined, options.usesBridge { openBridge(from: nil) } else { readRoster() }
        default: break
        }
    }

    /// The members are those of the look-up that found our own device. What has changed since shows in the next one, which the
    /// bridge needs anyway.
    private func begin() {
        hasBegun = true
        report(.started(party: identity.party, me: .member(identity.me)))
        unconfirmed = Set(identity.look.party.endpoints(but: identity.me))
        for endpoint in identity.look.party.endpoints(but: identity.me) { handle(.memberJoined(endpoint)) }
        guard options.usesBridge else { return readRoster() }
        openBridge(from: identity.look.bridges.isEmpty ? identity.look : nil)
    }

    private func take(_ event: PartyEvent) {
        if event.kind == .voiceSignal, event.partyID == nil || event.partyID == identity.party {
            return takeSignal(event)
        }
        guard event.partyID == identity.party else { return }
        switch event.kind {
        case .memberJoined:
            for endpoint in event.members.compactMap(\.endpoint) {
                unconfirmed.remove(endpoint)
                handle(.memberJoined(endpoint))
            }
        case .memberLeft: for member in event.members { leave(member) }
        case .partyDeleted: finish(.partyOver)
        case .voiceBridge: checkBridge()
        default: break
        }
    }

    private func takeSignal(_ event: PartyEvent) {
        switch SignalIntake.judge(event, for: identity.me) {
        case .take(let signal): handle(.signalArrived(signal))
        case .ignore: break
        case .reject(let peer, let problem):
            warn(peer, PartyError(.protocolViolation, problem + "; it is not acted on", step: "signal"))
        }
    }

    /// A frame may leave the platform out; then all devices of the account are meant.
    private func leave(_ member: Member) {
        let gone = negotiation.members.filter { endpoint in
            endpoint.accountID == member.accountID && (member.platform ?? endpoint.platform) == endpoint.platform
        }
        for endpoint in gone { remove(endpoint) }
        if let endpoint = member.endpoint, !gone.contains(endpoint) { handle(.memberLeft(endpoint)) }
        let isOurs =
            member.accountID == identity.me.accountID
            && (member.platform ?? identity.me.platform) == identity.me.platform
        if isOurs, member.platform != nil || gone.isEmpty { finish(.partyOver) }
    }

    private func remove(_ endpoint: Signal.Endpoint) {
        outbox.forget(endpoint)
        handle(.memberLeft(endpoint))
    }

    /// Asks who is in the party: the stream tells only what changes.
    private func readRoster() {
        Task { [client, identity] in
            do throws(PartyError) { take(try await client.look(at: identity.party)) } catch { warn(nil, error) }
        }
    }

    private func take(_ look: PartyLook) {
        let present = look.party.endpoints(but: identity.me)
        for endpoint in unconfirmed.subtracting(present) { remove(endpoint) }
        unconfirmed = []
        for endpoint in present { handle(.memberJoined(endpoint)) }
    }
}

// MARK: - The engine

extension VoiceRun {
    private func tell(_ message: EngineMessage) {
        backlog.put(message)
        tellEngine()
    }

    private func tellEngine() {
        let isPatient = backlog.flush(at: clock.uptime()) { message in
            var json = JSONWriter()
            message.write(to: &json)
            return engine.send(json.bytes)
        }
        setAlarm()
        guard !isPatient else { return }
        let limit = EngineBacklog.patience.components.seconds
        finish(.failed(PartyError(.engineFailed, "the engine has read nothing for \(limit) s", step: "engine")))
    }

    /// Takes what the engine says until it ends or has to.
    private func listenToEngine() async -> End {
        for await batch in engine.output {
            for output in batch {
                switch output {
                case .line(let line): if let failure = hear(line) { return .failed(failure) }
                case .lineTooLong(let size):
                    let problem = "the engine wrote a line of \(size) bytes or more"
                    return .failed(PartyError(.engineFailed, problem, step: "engine"))
                case .ended(let end): return .engineGone(end)
                }
            }
        }
        return .cancelled
    }

    /// - Returns: an error where the engine has said too much that makes no sense.
    private func hear(_ line: [UInt8]) -> PartyError? {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { return nil }
        do throws(CodecError) {
            handle(.engineSaid(try EngineMessage(line: line)))
            return nil
        } catch {
            return complain("the engine says what is no message: \(error.problem)", about: nil)
        }
    }

    private func complain(_ problem: String, about peer: VoicePeer?) -> PartyError? {
        warn(peer, PartyError(.engineFailed, problem, step: "engine"))
        garbage += 1
        guard garbage >= options.garbageLimit else { return nil }
        return PartyError(
            .engineFailed, "the engine has said \(garbage) things that make no sense", step: "engine",
            hint: "its standard output is for the protocol alone; what it has to tell people goes to standard error")
    }
}

// MARK: - The members

extension VoiceRun {
    private func sendSignals() {
        for message in outbox.takeReady(at: clock.uptime()) {
            Task { await deliver(message) }
        }
        setAlarm()
    }

    private func deliver(_ message: SignalOutbox.Message) async {
        guard !isOver else { return }
        var failure: PartyError?
        do throws(PartyError) {
            try await SignalChannel(client).send(
                message.signal, to: message.recipient, in: identity.party, keeping: message.budgetReserve)
        } catch { failure = error }
        guard !isOver else { return }
        switch outbox.finish(message, failure, at: clock.uptime()) {
        case .delivered: handle(.delivered(message.signal))
        case .waits(let error): warn(.member(message.recipient), error)
        case .failed(let error):
            warn(.member(message.recipient), error)
            handle(.sendFailed(message.signal, isTransient: error.isWorthAnotherTry))
            if error.speaksOfMembership { checkMembership() }
        }
        sendSignals()
    }

    /// The service no longer takes us for a member, as it seems. By the rules of the stream we join again.
    private func checkMembership() {
        guard let wait = memberCheck.request(at: clock.uptime()) else { return }
        Task { [client, identity, clock] in
            await clock.sleep(wait)
            memberCheck.begin(at: clock.uptime())
            guard !isOver else { return }
            do throws(PartyError) {
                if let look = try await client.standing(of: identity.me, in: identity.party) { return take(look) }
                warn(nil, PartyError(.notFound, "we are not in the party any more; joining again", step: "membership"))
                _ = try await client.join(.id(identity.party), voice: true)
                guard !isOver else { return }
                handle(.rejoined)
                if options.usesBridge { openBridge(from: nil) } else { readRoster() }
            } catch {
                if error.isWorthAnotherTry || error.kind == .cancelled { return warn(nil, error) }
                var end = error
                end.message = "we are not in the party any more, and cannot join again: \(error.message)"
                finish(.failed(end))
            }
        }
    }
}

// MARK: - The bridge

extension VoiceRun {
    private func workOnBridge(_ body: @escaping @Sendable (BridgeWork) async -> Void) {
        // The stream may become ready while the run ends. A bridge opened then would stay open.
        guard options.usesBridge, !isOver else { return }
        let work = BridgeWork(session: BridgeSession(client), party: identity.party) { await self.take($0) }
        bridgeQueue.add { await body(work) }
    }

    private func openBridge(from look: PartyLook?) {
        workOnBridge { await $0.open(from: look) }
    }

    /// A bridge goes with its maker, and everybody's place with it; and where two were linked, one has to go.
    private func checkBridge() {
        guard options.usesBridge, let wait = bridgeCheck.request(at: clock.uptime()) else { return }
        Task { [clock] in
            await clock.sleep(wait)
            bridgeCheck.begin(at: clock.uptime())
            workOnBridge { await $0.check() }
        }
    }

    private func take(_ news: BridgeWork.News) {
        guard !isOver else { return }
        switch news {
        case .looked(let look): take(look)
        case .offered(let sdp):
            if let problem = SignalIntake.problem(ofDescription: sdp) {
                return warn(.bridge, PartyError(.protocolViolation, "the bridge offers \(problem)", step: "bridge"))
            }
            handle(.bridgeOffered(sdp: sdp))
        case .answered:
            bridgeLosses = 0
            handle(.bridgeAnswered)
        case .unanswered(let error):
            warn(.bridge, error)
            bridgeLosses += 1
            if error.mayHaveActed, bridgeLosses < Self.bridgeTries { workOnBridge { await $0.renegotiate() } }
            if error.kind == .notFound { checkBridge() }
        case .lost(let error):
            warn(.bridge, error)
            handle(.bridgeLost)
        case .failed(let error):
            warn(.bridge, error)
            if !unconfirmed.isEmpty { readRoster() }
            if error.speaksOfMembership { checkMembership() }
        }
    }
}

// MARK: - Warnings

extension VoiceRun {
    private func tellPeople(_ warning: Negotiation.Warning) {
        switch warning {
        case .engineSilent(let peer):
            warn(peer, PartyError(.timeout, "the engine says nothing for \(peer)", step: "engine"))
        case .peerSilent(let peer):
            let hint = "voice works only with members who signal; one that just listens does not"
            warn(peer, PartyError(.timeout, "\(peer) does not answer", step: "signal", hint: hint))
        case .untrusted(let received):
            let sender = VoicePeer.member(received.signal.from)
            let problem = "a signal that says it is of \(sender) contradicts itself and is not acted upon"
            warn(sender, PartyError(.protocolViolation, problem, step: "signal"))
        case .sequenceBeyondUse(let peer):
            let problem = "\(peer) numbers its offers beyond \(SequenceCount.highest); our numbers start again at 1"
            warn(peer, PartyError(.protocolViolation, problem, step: "signal"))
        case .unknownPlatform(let peer):
            let problem = "how to write to \(peer) is not known; it is answered if it writes first"
            warn(peer, PartyError(.protocolViolation, problem, step: "signal"))
        case .unknownPeer(let peer):
            note(complain("the engine speaks of \(peer), who is not there to be spoken to", about: peer))
        case .unexpectedAnswer(let peer):
            note(complain("the engine answers an offer of \(peer) that there is not, or not any more", about: peer))
        }
    }

    private func note(_ failure: PartyError?) {
        if let failure { finish(.failed(failure)) }
    }

    private func warn(_ peer: VoicePeer?, _ error: PartyError) {
        guard !isOver, error.kind != .cancelled else { return }
        if warnings.note(WarningTally.Warning(peer: peer, error: error), at: clock.uptime()) {
            report(.warning(peer, error))
        }
        setAlarm()
    }

    private func tellSummaries(at now: Duration?) {
        for warning in warnings.summaries(at: now) { report(.warning(warning.peer, warning.error)) }
    }
}

extension VoiceRun.End {
    fileprivate var failure: PartyError? {
        switch self {
        case .cancelled, .partyOver, .engineGone(.exited(status: 0)): nil
        case .failed(let error): error
        case .engineGone(.exited(let status)):
            PartyError(.engineFailed, "the engine ended with status \(status)", step: "engine")
        case .engineGone(.unknown):
            PartyError(
                .engineFailed, "the engine ended, and its exit status is not known, as this program ignores SIGCHLD",
                step: "engine")
        case .engineGone(.killed(let signal)):
            PartyError(.engineFailed, "the engine was ended by signal \(signal)", step: "engine")
        }
    }
}

extension PartyError {
    /// Whether the same may go through a little later.
    fileprivate var isWorthAnotherTry: Bool {
        switch kind {
        case .unreachable, .rateLimited, .timeout, .tls: true
        default: false
        }
    }

    /// Whether the service may mean by it that we are not in the party session.
    fileprivate var speaksOfMembership: Bool { [404, 403].contains(status) || kind == .notFound }
}
