/// Carries signals between the members of one party session and an engine, and the bridge's offer to it, until one of
/// them is done or the task is cancelled. On any end the engine and our place on the bridge are taken down.
///
/// What is decided is `Negotiation`'s. Nothing here waits for the engine: what it does not read is held in memory, up to a
/// limit, and the push connection stays alive meanwhile.
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
    }

    /// What ends a run.
    enum End: Sendable, Equatable {
        case cancelled
        case partyOver
        case engineGone(EngineLink.End)
        case failed(PartyError)
    }

    let client: PartyClient
    let seat: VoiceSeat
    let engine: EngineLink
    let options: Options
    let report: @Sendable (Report) -> Void
    var negotiation: Negotiation
    /// The last message on its way to each member: the next one waits for it.
    var outbox: [Signal.Endpoint: Task<Void, Never>] = [:]
    var waitingSignals = 0
    var garbage = 0
    var hasBegun = false
    var isOver = false
    var bridgeWork: Task<Void, Never>?
    private var alarm: Task<Void, Never>?
    private var alarmDeadline: Duration?
    private let ends: AsyncStream<End>
    private let postEnd: AsyncStream<End>.Continuation

    /// - Parameter engine: already running; this run ends it.
    /// - Parameter report: called in order; it must not block.
    public init(
        _ client: PartyClient, seat: VoiceSeat, engine: EngineLink, options: Options,
        report: @escaping @Sendable (Report) -> Void
    ) {
        self.client = client
        self.seat = seat
        self.engine = engine
        self.options = options
        self.report = report
        negotiation = Negotiation(me: seat.me, policy: options.policy, lastSequence: seat.lastSequence)
        (ends, postEnd) = AsyncStream<End>.makeStream()
    }

    var clock: PartyClock { client.environment.clock }

    /// Runs until the engine ends, the party does, or the task is cancelled.
    /// - Throws: `.engineFailed` where the engine crashes or does not keep to the protocol; what the stream throws.
    public func run(_ feed: PartyFeed) async throws(PartyError) {
        tell(.hello(party: seat.party, me: .member(seat.me)))
        let end = await withTaskGroup(of: End.self) { group in
            group.addTask {
                do throws(PartyError) {
                    try await feed.run(.inItsTime { events in await self.take(events) })
                    return .cancelled
                } catch { return .failed(error) }
            }
            group.addTask { await self.listenToEngine() }
            group.addTask { [ends] in
                for await end in ends { return end }
                return .cancelled
            }
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

    /// Has it end well.
    public func end() {
        finish(.cancelled)
    }

    func finish(_ end: End) {
        postEnd.yield(end)
    }

    private func takeDown() async {
        isOver = true
        alarm?.cancel()
        for work in outbox.values { work.cancel() }
        report(.stopping)
        async let isStopped: Void = engine.stop()
        await closeBridge()
        await isStopped
    }

    /// Hands an input to the negotiation and does what comes of it.
    func handle(_ input: Negotiation.Input) {
        guard !isOver else { return }
        for action in negotiation.handle(input, at: clock.uptime()) { perform(action) }
        guard negotiation.deadline != alarmDeadline else { return }
        alarm?.cancel()
        alarmDeadline = negotiation.deadline
        alarm = alarmDeadline.map { deadline in
            Task { [clock] in
                await clock.sleep(deadline - clock.uptime())
                if !Task.isCancelled { self.ring() }
            }
        }
    }

    private func ring() {
        alarmDeadline = nil
        handle(.ticked)
    }
}

extension VoiceRun.End {
    fileprivate var failure: PartyError? {
        switch self {
        case .cancelled, .partyOver, .engineGone(.exited(status: 0)): nil
        case .failed(let error): error
        case .engineGone(.exited(let status)):
            PartyError(.engineFailed, "the engine ended with status \(status)", step: "engine")
        case .engineGone(.killed(let signal)):
            PartyError(.engineFailed, "the engine was ended by signal \(signal)", step: "engine")
        }
    }
}
