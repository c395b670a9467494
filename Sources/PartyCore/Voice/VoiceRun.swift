/// Passes signals between the members of one party session and an engine, and the offers of the party's bridge
/// (docs/voice.md). When it ends, it stops the engine and removes the place on the bridge.
///
/// `Negotiation` decides what to say, `SignalOutbox` when to send it. Nothing waits for the engine: messages that it does not
/// read wait in `EngineBacklog`, and the push connection stays alive meanwhile.
public actor VoiceRun {
    /// What a run uses, and its limits.
    public struct Options: Sendable {
        /// Whether the party's bridge is used at all.
        public var usesBridge = true
        /// Waits and numbers of tries.
        package var policy = Negotiation.Policy()
        /// After how many lines that cannot be understood the engine is given up.
        public var garbageLimit = 100

        /// The defaults: with the bridge of the party.
        public init() {}
    }

    /// A report of the run, in order.
    public enum Report: Sendable, Equatable {
        /// The stream is ready; signals are exchanged from now on.
        case started(party: PartyID, me: VoicePeer)
        /// Offer and answer are exchanged with this peer; the engine connects.
        case agreed(VoicePeer)
        /// The member has left.
        case left(VoicePeer)
        /// Something failed without ending the run.
        case warning(VoicePeer?, PartyError)
        /// A change of the push stream.
        case stream(StreamLifecycle)
        /// The run is closing its connections.
        case stopping
        /// A place on a bridge that could not be removed at the end.
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
    package static let closingPatience: Duration = .seconds(5)
    /// How often at most the service is asked the same about bridge or membership: first, and when it goes on.
    private static let (lookPause, longestLookPause): (Duration, Duration) = (.seconds(10), .seconds(160))

    private let client: PartyClient
    private let identity: VoiceIdentity
    private let engineLink: EngineLink
    private let options: Options
    private let report: @Sendable (Report) -> Void
    private let ends: AsyncStream<End>
    private let postEnd: AsyncStream<End>.Continuation

    private var negotiation: Negotiation
    private var outbox = SignalOutbox()
    private var engine: EngineChannel
    private var warnings = WarningTally()
    private var bridge: (queue: BridgeQueue, task: Task<Void, Never>)?
    private var roster: VoiceRoster
    private var hasBegun = false
    private var isOver = false
    private var bridgeCheck = LookGate(pause: lookPause, longestPause: longestLookPause)
    /// When an event said last that a bridge was linked or deleted.
    private var bridgeChangedAt: Duration = .zero
    private var memberCheck = LookGate(pause: lookPause, longestPause: longestLookPause)
    private var alarm: Task<Void, Never>?
    private var alarmDeadline: Duration?

    /// - Parameters:
    ///   - client: the client of the profile.
    ///   - identity: the party session and the account's device in it.
    ///   - engine: an engine that runs already; this run ends it.
    ///   - options: whether to use the bridge, and limits.
    ///   - report: called in order; it must not block.
    public init(
        _ client: PartyClient, identity: VoiceIdentity, engine: EngineLink, options: Options,
        report: @escaping @Sendable (Report) -> Void
    ) {
        self.client = client
        self.identity = identity
        engineLink = engine
        self.engine = EngineChannel(engine, nonsenseLimit: options.garbageLimit)
        self.options = options
        self.report = report
        roster = VoiceRoster(me: identity.me)
        negotiation = Negotiation(me: identity.me, policy: options.policy, lastSequence: identity.lastSequence)
        (ends, postEnd) = AsyncStream<End>.makeStream()
    }

    private var clock: PartyClock { client.environment.clock }

    /// Runs until the engine or the party session ends, another process takes over, or the task is cancelled. It then removes the
    /// place on the bridge, which takes 5 s at most.
    /// - Parameters:
    ///   - feed: the push stream of the same profile.
    ///   - claim: the right to use voice for the profile; the caller releases it.
    /// - Throws: `PartyError` of kind `.engineFailed` if the engine crashes or breaks its protocol, of kind `.conflict` if another
    ///   process took over, and the errors of ``PartyFeed/run(_:)``.
    public func run(_ feed: PartyFeed, claim: VoiceClaim? = nil) async throws(PartyError) {
        tell(.hello(party: identity.party, me: .member(identity.me)))
        let end = await withTaskGroup(of: End.self) { group in
            group.addTask {
                do throws(PartyError) {
                    try await feed.forVoiceChat(knowing: self.identity.look.party).run(
                        .inItsTime { events in await self.take(events) })
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
        return .failed(PartyError(.conflict, "another process of this profile took over voice", step: "voice"))
    }

    /// Ends the run as if the task were cancelled.
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
        async let isStopped: Void = engineLink.stop()
        await closeBridge()
        await isStopped
    }

    /// Takes our place on the bridge down, also when it has just been asked for, and tells what is left of it.
    private func closeBridge() async {
        guard let bridge else { return }
        bridge.task.cancel()
        let session = BridgeSession(client)
        let closings = await clock.within(Self.closingPatience, step: "bridge removal") {
            () async throws(PartyError) -> [BridgeSession.Closing] in
            await bridge.task.value
            return try await session.close()
        }
        let late = PartyError(.timeout, "the service does not answer in time", step: "bridge removal")
        for attachment in (try? session.attachments()) ?? [] {
            let closing = try? closings.get().first { $0.attachment.isSame(as: attachment) }
            report(.leftOpen(attachment, closing?.error ?? late))
        }
    }

    // MARK: Time

    /// Passes an input to the negotiation and executes its actions.
    private func handle(_ input: Negotiation.Input) {
        guard !isOver else { return }
        for action in negotiation.handle(input, at: clock.uptime()) { perform(action) }
        setAlarm()
    }

    private func setAlarm() {
        let deadlines = [negotiation.deadline, outbox.deadline, engine.deadline, warnings.deadline]
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
        case .answerBridge(let sdp): bridge?.queue.add(.answer(sdp: sdp))
        case .dropBridge: bridge?.queue.add(.drop)
        case .renewBridge: bridge?.queue.add(.renew)
        case .reportAgreed(let peer): report(.agreed(peer))
        case .warn(let warning):
            warn(warning.peer, warning.error)
            if warning.isNonsenseOfTheEngine { finishIfFailed(engine.countNonsense()) }
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
            if isRejoined { reopenBridge() } else { readRoster() }
        default: break
        }
    }

    /// The members are those of the look-up that found our own device. What has changed since shows in the next one, which the
    /// bridge needs anyway.
    private func begin() {
        hasBegun = true
        report(.started(party: identity.party, me: .member(identity.me)))
        for endpoint in roster.begin(with: identity.look) { handle(.memberFound(endpoint)) }
        guard options.usesBridge, !isOver else { return readRoster() }
        let queue = BridgeQueue(client, identity) { await self.take($0) }
        bridge = (queue, Task { await queue.run() })
        queue.add(.begin(from: identity.look))
    }

    private func take(_ event: PartyEvent) {
        if event.kind == .voiceSignal, event.partyID == nil || event.partyID == identity.party {
            return takeSignal(event)
        }
        guard event.partyID == identity.party else { return }
        switch event.kind {
        case .memberJoined:
            for endpoint in roster.join(event.members) { handle(.memberJoined(endpoint)) }
        case .memberLeft: for member in event.members { leave(member) }
        case .partyDeleted: finish(.partyOver)
        case .voiceBridge: checkBridge()
        default: break
        }
    }

    private func takeSignal(_ event: PartyEvent) {
        switch SignalIntake.judge(event, for: identity.me) {
        case .take(let received):
            if received.signal.kind == .offer, let unsent = outbox.withdrawOffer(to: received.signal.from) {
                handle(.sendFailed(unsent, isTransient: true))
            }
            handle(.signalArrived(received))
        case .ignore: break
        case .reject(let peer, let problem):
            warn(peer, PartyError(.protocolViolation, problem + "; it was ignored", step: "signal"))
        }
    }

    private func leave(_ member: Member) {
        let (gone, isOurs) = roster.leave(member, of: negotiation.members)
        for endpoint in gone { remove(endpoint) }
        if isOurs { finish(.partyOver) }
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
        switch roster.compare(with: look) {
        case .withoutUs: checkMembership()
        case .members(let gone, let present):
            for endpoint in gone { remove(endpoint) }
            for endpoint in present { handle(.memberJoined(endpoint)) }
        }
    }
}

// MARK: - The engine

extension VoiceRun {
    private func tell(_ message: EngineMessage) {
        engine.put(message)
        tellEngine()
    }

    private func tellEngine() {
        finishIfFailed(engine.flush(at: clock.uptime()))
        setAlarm()
    }

    private func finishIfFailed(_ failure: PartyError?) {
        if let failure { finish(.failed(failure)) }
    }

    /// Takes what the engine says until it ends or has to.
    private func listenToEngine() async -> End {
        for await batch in engineLink.output {
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
        switch engine.read(line) {
        case .message(let message): handle(.engineSaid(message))
        case .nothing: break
        case .nonsense(let error):
            warn(nil, error)
            return engine.countNonsense()
        }
        return nil
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
                warn(
                    nil,
                    PartyError(.notFound, "this account is no longer in the party; joining again", step: "membership"))
                _ = try await client.join(.id(identity.party), voice: true)
                guard !isOver else { return }
                handle(.rejoined)
                reopenBridge()
            } catch {
                if error.isWorthAnotherTry || error.kind == .cancelled { return warn(nil, error) }
                var end = error
                end.message = "this account is no longer in the party and cannot join again: \(error.message)"
                finish(.failed(end))
            }
        }
    }
}

// MARK: - The bridge

extension VoiceRun {
    /// After we were out of the party. With the bridge the service says who is there.
    private func reopenBridge() {
        guard let bridge else { return readRoster() }
        bridge.queue.add(.open)
    }

    /// A bridge goes with its maker, and everybody's place with it; and where two were linked, one has to go.
    private func checkBridge() {
        bridgeChangedAt = clock.uptime()
        guard let bridge, let wait = bridgeCheck.request(at: bridgeChangedAt) else { return }
        Task { [clock] in
            await clock.sleep(wait)
            bridgeCheck.begin(at: clock.uptime())
            bridge.queue.add(.check(since: bridgeChangedAt))
        }
    }

    private func take(_ news: BridgeQueue.News) {
        guard !isOver else { return }
        switch news {
        case .looked(let look): take(look)
        case .offered(let sdp, let others):
            if others > 0, others >= negotiation.members.count { handle(.allAreInVoice) }
            handle(.bridgeOffered(sdp: sdp))
        case .answered: handle(.bridgeAnswered)
        case .lost(let error):
            warn(.bridge, error)
            handle(.bridgeLost)
        case .failed(let error):
            warn(.bridge, error)
            if !roster.isConfirmed { readRoster() }
            if error.speaksOfMembership { checkMembership() }
        }
    }
}

// MARK: - Warnings

extension VoiceRun {
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
                .engineFailed, "the engine ended with an unknown status, because this process ignores SIGCHLD",
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
    fileprivate var speaksOfMembership: Bool { [404, 403].contains(status) || kind == .notFound || kind == .forbidden }
}
