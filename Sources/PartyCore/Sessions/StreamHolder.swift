/// Holds the profile's push connection: runs it, asks the service when `StreamMachine` says so, and hands everything to our
/// own run and to the processes that joined.
///
/// All input comes from `PushSession`'s loop, one at a time; only joining and leaving processes come in between, and they
/// find the state as what they will be sent continues it.
actor StreamHolder {
    private let environment: PartyEnvironment
    private let client: PartyClient
    private let session: PushSession
    private let outlet: StreamOutlet
    private var machine: StreamMachine
    private var lines: [Int: StreamLine] = [:]
    private var lineCount = 0
    private var comparison: Task<Void, Never>?
    private var signs: Task<Void, Never>?
    private var timer: DeadlineTimer

    /// How often the others get a sign of life, whatever the stream brings: often enough for `StreamFollower.silence`.
    private static let signInterval: Duration = .seconds(8)

    /// The line that says that this process lives, and nothing of the stream.
    static let sign = Array(#"{"holder":"alive"}"#.utf8)

    /// - Parameter fold: what the run knows from earlier connections, its own or another process's.
    /// - Parameter context: the mark on our memberships, from an earlier holder where there was one.
    init(
        _ environment: PartyEnvironment, _ options: PartyFeed.Options, fold: StreamFold, context: ContextID?,
        outlet: StreamOutlet
    ) {
        self.environment = environment
        self.outlet = outlet
        machine = StreamMachine(fold: fold, context: context ?? ContextID(environment.random.uuid()))
        client = PartyClient(environment)
        timer = DeadlineTimer(environment.clock)
        var policy = options.policy
        policy.hasStood = fold.hasConnected
        session = PushSession(environment, policy: policy, maximumFrame: options.maximumFrame)
    }

    /// Streams until the task is cancelled.
    func run(_ hold: StreamHold) async throws(PartyError) {
        let admission = Task {
            for await line in hold.joined { admit(line) }
        }
        defer {
            admission.cancel()
            comparison?.cancel()
            signs?.cancel()
            timer.cancel()
        }
        await lookBeforeConnecting()
        let handing = Task(executorPreference: environment.executor) { await self.takeAll() }
        var failure: PartyError?
        do throws(PartyError) { try await session.run() } catch { failure = error }
        await handing.value
        if let failure { throw failure }
    }

    private func takeAll() async {
        await session.handOut(
            { delivery, connection, time in
                await receive(StreamRecord(delivery, connection: connection, time: time))
            }, heardPong: { heardPong() })
    }

    /// What stands before we connect, so that a membership that connecting costs us shows as lost.
    private func lookBeforeConnecting() async {
        let known = machine.fold.state
        let entered = client.partiesEntered()
        guard !entered.isEmpty, !entered.contains(where: { known.parties[$0] != nil }) else { return }
        let question = PartyComparison(client: client, known: known, mayHaveLostMembership: false)
        guard case .success(let outcome) = await answer(to: question) else { return }
        await handle(.looked(outcome))
    }

    private func receive(_ record: StreamRecord) async {
        if case .frames = record.delivery { environment.heard?() }
        await handle(.came(record))
    }

    /// Frames tell the others that the stream lives; where there are none, a line does that says nothing else.
    private func heardPong() {
        environment.heard?()
        for line in lines.values { line.send(Array("{}\n".utf8)) }
    }

    private func giveSign() {
        for line in lines.values { line.send(Self.sign + [0x0A]) }
    }

    private func answer(to question: PartyComparison) async -> Result<PartyComparison.Outcome, PartyError> {
        await environment.clock.within(PartyComparison.patience, step: "comparison") { () throws(PartyError) in
            try await question.run()
        }
    }

    /// What others are sent goes out before anything is waited for, so that whoever joins meanwhile misses nothing of it.
    private func handle(_ input: StreamMachine.Input) async {
        let actions = machine.handle(input, at: environment.clock.uptime(), time: environment.clock.now())
        var events: [StreamEvent] = []
        for action in actions { events += execute(action) }
        timer.arm(for: machine.deadline) { [session] in session.atRest { await self.ring() } }
        if !events.isEmpty { await outlet.receive(events) }
    }

    private func execute(_ action: StreamMachine.Action) -> [StreamEvent] {
        switch action {
        case .tell(let record, let events, let connection):
            send(record)
            outlet.keep(record, connection: connection)
            return events
        case .ask(let number, let known, let mayHaveLostMembership):
            let question = PartyComparison(
                client: client, known: known, mayHaveLostMembership: mayHaveLostMembership)
            comparison = Task {
                let result = await answer(to: question)
                guard !Task.isCancelled else { return }
                session.atRest { await self.handle(.compared(result, number: number)) }
            }
        case .dropQuestion: comparison?.cancel()
        case .note(let error):
            environment.trace?.tell(.note("push: the parties could not be compared: \(error.message)"))
        }
        return []
    }

    private func ring() async {
        timer.hasRung()
        await handle(.ticked)
    }
}

// MARK: - Other processes

extension StreamHolder {
    private func send(_ record: StreamRecord) {
        // That we stop is not for those who go on.
        guard !lines.isEmpty, record.delivery != .lifecycle(.stopping) else { return }
        var json = JSONWriter()
        record.write(to: &json)
        for line in lines.values { line.send(json.bytes) }
    }

    private func admit(_ line: StreamLine) {
        var json = JSONWriter()
        StreamGreeting(
            context: machine.context, isReady: machine.isReady, isInSync: machine.isInSync,
            connection: machine.connection
        ).write(to: &json)
        let known = machine.fold.state.parties.values.map { StreamSnapshot.Entry(id: $0.id, party: $0) }
        let snapshot = StreamSnapshot(known, isWhole: machine.isInSync)
        StreamRecord(.snapshot(snapshot), connection: machine.connection, time: environment.clock.now())
            .write(to: &json)
        line.send(json.bytes)
        lineCount += 1
        let number = lineCount
        lines[number] = line
        if signs == nil { signs = givingSigns() }
        Task { [weak self] in
            // Nothing is said on the other side; its end is what matters.
            for await _ in line.received {}
            await self?.dismiss(number)
        }
    }

    /// Also while the stream is lost: that we live is another matter.
    private func givingSigns() -> Task<Void, Never> {
        Task { [weak self, clock = environment.clock] in
            while !Task.isCancelled {
                await clock.sleep(Self.signInterval)
                await self?.giveSign()
            }
        }
    }

    private func dismiss(_ number: Int) {
        lines[number]?.close()
        lines[number] = nil
        guard lines.isEmpty else { return }
        signs?.cancel()
        signs = nil
    }
}
