internal import Synchronization

/// Holds the profile's push connection: runs it, asks the service when `StreamMachine` says so, and hands everything to
/// our own run and to the processes that joined.
///
/// All input of the machine comes from `PushSession`, one at a time; only joining and leaving processes come in
/// between, and they find the state as what they will be sent continues it. What is done with the state waits for
/// nothing.
final class StreamHolder: Sendable {
    fileprivate struct State {
        var machine: StreamMachine
        var followers: [Int: ShareConnection] = [:]
        /// The followers that are in a voice chat.
        var voiceChats: Set<Int> = []
        var followerCount = 0
        var comparison: Task<Void, Never>?
        var signs: Task<Void, Never>?
        var timer: DeadlineTimer
    }

    private let environment: PartyEnvironment
    private let client: PartyClient
    private let session: PushSession
    private let outlet: StreamOutlet
    private let isVoiceChat: Bool
    private let state: Mutex<State>

    /// How often the others get a sign of life, whatever the stream brings: often enough for `StreamFollower.silence`.
    private static let signInterval: Duration = .seconds(8)

    /// The line that says that this process lives, and nothing of the stream.
    static let sign = Array(#"{"holder":"alive"}"#.utf8)

    /// - Parameter fold: the state from earlier connections, of this run or of another process.
    /// - Parameter context: the mark on our memberships, from an earlier holder where there was one.
    init(
        _ environment: PartyEnvironment, _ options: PartyFeed.Options, fold: StreamFold, context: ContextID?,
        outlet: StreamOutlet
    ) {
        self.environment = environment
        self.outlet = outlet
        isVoiceChat = options.isVoiceChat
        var machine = StreamMachine(fold: fold, context: context ?? ContextID(environment.random.uuid()))
        machine.defersFirstComparison = options.known != nil && !fold.hasConnected
        state = Mutex(State(machine: machine, timer: DeadlineTimer(environment.clock)))
        client = PartyClient(environment)
        var policy = options.policy
        policy.hasStood = fold.hasConnected
        if let lostAt = fold.lostAt { policy.lostAgo = environment.clock.now() - lostAt }
        session = PushSession(environment, policy: policy, maximumFrame: options.maximumFrame)
    }

    /// Streams until the task is cancelled.
    func run(_ hold: StreamHold) async throws(PartyError) {
        let admission = Task {
            for await follower in hold.joined { admit(follower) }
            guard !Task.isCancelled else { return }
            environment.notice(
                "the push connection is no longer shared, because the system refuses to wait for the other processes")
        }
        defer {
            admission.cancel()
            state.withLock { state in
                state.comparison?.cancel()
                state.signs?.cancel()
                state.timer.cancel()
            }
        }
        await lookBeforeConnecting()
        let handing = Task { await self.takeAll() }
        var failure: PartyError?
        do throws(PartyError) { try await session.run(inline: inlineReceiver) } catch { failure = error }
        await handing.value
        // Before the connections to the other processes end.
        await handle(.ended)
        if let failure { throw failure }
    }

    private func takeAll() async {
        await session.deliver(
            to: { delivery, connection, time in await tell(events(in: delivery, connection, time)) },
            onPong: { onPong() })
    }

    /// Does the same as `takeAll` with a frame, for a receiver that never waits.
    private var inlineReceiver: PushSession.InlineReceiver? {
        guard case .atOnce(let receive) = outlet.receiver else { return nil }
        return { [self] delivery, connection, time in
            let events = events(in: delivery, connection, time)
            if !events.isEmpty { receive(events) }
        }
    }

    /// What stands before we connect, so that a membership that connecting costs us shows as lost.
    private func lookBeforeConnecting() async {
        let known = state.withLock(\.machine.fold.state)
        let entered = client.partiesEntered()
        guard !entered.isEmpty, !entered.contains(where: { known.parties[$0] != nil }) else { return }
        var question = PartyComparison(client: client, known: known, mayHaveLostMembership: false)
        question.asksForInvitations = false
        guard case .success(let outcome) = await answer(to: question) else { return }
        await handle(.lookedUp(outcome))
    }

    /// Frames tell the others that the stream lives; where there are none, a line does that says nothing else.
    private func onPong() {
        environment.onStreamActivity?()
        giveSign(Array("{}\n".utf8))
    }

    private func giveSign(_ line: [UInt8]) {
        state.withLock { state in
            for follower in state.followers.values { follower.send(line) }
        }
    }

    private func answer(to question: PartyComparison) async -> Result<PartyComparison.Outcome, PartyError> {
        await environment.clock.within(PartyComparison.timeout, step: "comparison") { () throws(PartyError) in
            try await question.run()
        }
    }

    private func handle(_ input: StreamMachine.Input) async { await tell(events(of: input)) }

    private func tell(_ events: [StreamEvent]) async {
        if !events.isEmpty { await outlet.receiver.receive(events) }
    }

    private func events(in delivery: StreamDelivery, _ connection: Int, _ time: Timestamp) -> [StreamEvent] {
        if case .frames = delivery { environment.onStreamActivity?() }
        return events(of: .arrived(StreamRecord(delivery, connection: connection, time: time)))
    }

    /// The events of one step of the machine. What others are sent goes out before anything is waited for, so that
    /// a process that joins meanwhile misses nothing of it.
    private func events(of input: StreamMachine.Input) -> [StreamEvent] {
        state.withLock { state in
            let actions = state.machine.handle(
                input, at: environment.clock.uptime(), time: environment.clock.now())
            state.timer.arm(for: state.machine.deadline) { [self] in session.betweenDeliveries { await self.ring() } }
            // One is what a frame makes.
            if actions.count == 1 { return execute(actions[0], &state) }
            return actions.flatMap { execute($0, &state) }
        }
    }

    private func execute(_ action: StreamMachine.Action, _ state: inout State) -> [StreamEvent] {
        switch action {
        case .deliver(let record, let events, let connection):
            state.send(record)
            outlet.keep(record, connection: connection)
            outlet.show(state.machine.fold, after: events)
            return events
        case .compare(let number, let known, let mayHaveLostMembership):
            let question = PartyComparison(
                client: client, known: known, mayHaveLostMembership: mayHaveLostMembership)
            state.comparison = Task {
                let result = await answer(to: question)
                guard !Task.isCancelled else { return }
                session.betweenDeliveries { await self.handle(.compared(result, number: number)) }
            }
        case .reportFault(let fault): environment.trace?.tell(.note("stream: \(fault)"))
        case .cancelComparison: state.comparison?.cancel()
        case .note(let error):
            environment.trace?.tell(.note("push: the parties could not be compared: \(error.message)"))
        }
        return []
    }

    private func ring() async {
        state.withLock { $0.timer.hasRung() }
        await handle(.ticked)
    }
}

// MARK: - Other processes

extension StreamHolder.State {
    fileprivate func send(_ record: StreamRecord) {
        // That we stop is not for those who go on.
        guard !followers.isEmpty, record.delivery != .lifecycle(.stopping) else { return }
        var json = JSONWriter()
        record.write(to: &json)
        for follower in followers.values { follower.send(json.bytes) }
    }

    /// What a process that joins needs to know to make sense of what comes.
    fileprivate func greeting(_ clock: PartyClock) -> [UInt8] {
        var json = JSONWriter()
        StreamGreeting(
            context: machine.context, isReady: machine.isReady, isInSync: machine.isInSync,
            connection: machine.connection, outage: machine.outage(at: clock.uptime())
        ).write(to: &json)
        let known = machine.fold.state.parties.values.map { StreamSnapshot.Entry(id: $0.id, party: $0) }
        let snapshot = StreamSnapshot(
            known, isWhole: machine.isInSync, invitations: machine.fold.pendingInvitations)
        StreamRecord(.snapshot(snapshot), connection: machine.connection, time: clock.now()).write(to: &json)
        return json.bytes
    }
}

extension StreamHolder {
    private func admit(_ follower: ShareConnection) {
        let number = state.withLock { state in
            follower.send(state.greeting(environment.clock))
            state.followerCount += 1
            state.followers[state.followerCount] = follower
            if state.signs == nil { state.signs = givingSigns() }
            return state.followerCount
        }
        session.betweenDeliveries { await self.handle(.joined) }
        Task { [weak self] in
            for await lines in follower.received {
                for wish in lines.compactMap({ StreamWish($0) }) { self?.take(wish, of: number) }
            }
            self?.dismiss(number)
        }
    }

    /// Also while the stream is lost: that we live is another matter.
    private func givingSigns() -> Task<Void, Never> {
        Task { [weak self, clock = environment.clock] in
            while !Task.isCancelled {
                await clock.sleep(Self.signInterval)
                self?.giveSign(Self.sign + [0x0A])
            }
        }
    }

    private func take(_ wish: StreamWish, of number: Int) {
        state.withLock { state in
            guard state.followers[number] != nil else { return }
            if wish.keepAliveType == .voiceChat {
                state.voiceChats.insert(number)
            } else {
                state.voiceChats.remove(number)
            }
            wantKeepAliveType(state)
        }
    }

    /// One voice chat of the profile is enough for its type, and the type holds until the last one ends.
    private func wantKeepAliveType(_ state: State) {
        session.want(isVoiceChat || !state.voiceChats.isEmpty ? .voiceChat : .idle)
    }

    private func dismiss(_ number: Int) {
        state.withLock { state in
            state.followers[number]?.close()
            state.followers[number] = nil
            if state.voiceChats.remove(number) != nil { wantKeepAliveType(state) }
            guard state.followers.isEmpty else { return }
            state.signs?.cancel()
            state.signs = nil
        }
    }
}
