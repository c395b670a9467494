/// The push stream of a profile as events. It reconnects, and after a gap asks the service what changed meanwhile.
public struct PartyFeed: Sendable {
    /// How to reconnect, and how large a frame may be.
    public struct Options: Sendable {
        /// Whether to reconnect after a lost connection.
        public var reconnects = true
        /// Gives up after this many failed tries in a row; `nil`: never.
        public var maximumTries: Int?
        /// Gives up after this time without a connection; `nil`: never.
        public var maximumOutage: Duration?
        /// The largest frame in bytes. A larger one is reported as ``StreamLifecycle/frameInvalid(problem:size:)`` and skipped. The
        /// value of the process that holds the connection counts.
        public var maximumFrame = 1 << 20
        /// Whether to begin with events for the present state, also of parties that the account entered with another device.
        public var beginsWithSnapshot = false
        /// Whether the run is a voice chat. The push service is told so, and then expects more frequent signs of life
        /// (docs/protocol.md, 7.3).
        public var isVoiceChat = false
        /// Whether to fail if the stream does not become ready soon. After it was ready once, it reconnects as usual.
        public var mustBecomeReady = false
        /// A party session that was looked up just before, for a run that asks for it again once the stream is ready. The first
        /// comparison of all parties then waits until another process joins the connection, or for as long as an audit.
        var known: PartySession?
        /// Receives everything that the stream brings, for recordings, before the events are received.
        package var record: (@Sendable (StreamRecord) -> Void)?
        /// Receives the state after each step of the stream, before the events are received. It must not block.
        package var view: (@Sendable (StreamView) -> Void)?

        /// The defaults: reconnect without limit, frames of up to 1 MiB, no snapshot.
        public init() {}

        var policy: PushMachine.Policy {
            var policy = PushMachine.Policy()
            policy.reconnects = reconnects
            policy.maximumTries = maximumTries
            policy.maximumOutage = maximumOutage
            policy.keepAliveType = isVoiceChat ? .voiceChat : .idle
            return policy
        }
    }

    private let environment: PartyEnvironment
    private let options: Options

    /// A stream of the profile of the environment. Nothing is opened before `run`.
    public init(_ environment: PartyEnvironment, _ options: Options) {
        self.environment = environment
        self.options = options
    }

    /// The same stream for a voice chat, which looks up its party session itself.
    func forVoiceChat(knowing party: PartySession) -> PartyFeed {
        var options = options
        options.isVoiceChat = true
        options.known = party
        return PartyFeed(environment, options)
    }

    /// The pause before the next try if the stream is neither free nor held by a process that responds.
    private static let pause: Duration = .milliseconds(20)
    /// The same for a holder that does not respond.
    private static let longPause: Duration = .milliseconds(500)
    /// How often in a row joining fails before the user is told: 2 s.
    private static let refusals = 100

    /// Receives events until the task is cancelled; then it closes the connection (0.5 s at most), delivers the events that have
    /// arrived, and returns. One process of a profile holds the connection; the others receive everything from it, and when it
    /// ends, one of them takes over.
    /// - Parameter receiver: receives the events, in order.
    /// - Throws: `PartyError` if there can be no stream (for example of kind `.signIn`), or the limits of the options are reached.
    public func run(_ receiver: StreamReceiver) async throws(PartyError) {
        guard options.mustBecomeReady else { return try await stream(receiver, nil) }
        let readiness = StreamReadiness()
        let failure = await withTaskGroup(of: Part.self) { group in
            group.addTask {
                do throws(PartyError) {
                    try await stream(receiver.then { readiness.take($0) }, readiness)
                    return .stream(nil)
                } catch { return .stream(error) }
            }
            group.addTask { .readiness(await readiness.failure(environment.clock)) }
            var failure: PartyError?
            for await part in group {
                switch part {
                case .readiness(nil): break
                case .readiness(let error):
                    failure = error
                    group.cancelAll()
                case .stream(let error):
                    failure = failure ?? error
                    group.cancelAll()
                }
            }
            return failure
        }
        if let failure { throw failure }
    }

    /// The part of the run that has ended.
    private enum Part: Sendable {
        case stream(PartyError?)
        case readiness(PartyError?)
    }

    private func stream(_ receiver: StreamReceiver, _ readiness: StreamReadiness?) async throws(PartyError) {
        let outlet = StreamOutlet(receiver: receiver, record: options.record, view: options.view)
        let follower = StreamFollower(
            clock: environment.clock, options: options, outlet: outlet, onActivity: environment.onStreamActivity)
        var fold = StreamFold()
        var context: ContextID?
        var hasWarned = false
        var refusals = 0
        let account = try Authenticator(environment).account()
        if let party = options.known {
            let snapshot = StreamSnapshot(
                [StreamSnapshot.Entry(id: party.id, party: party)], account: account.accountID)
            _ = fold.take(.snapshot(snapshot), connection: 0, time: environment.clock.now())
        }
        if options.beginsWithSnapshot { await lookAround(&fold, outlet) }
        while !Task.isCancelled {
            if let hold = hold(for: account) { return try await lead(hold, fold, context, outlet) }
            guard let line = join(account, &refusals, readiness) else {
                await environment.clock.sleep(Self.pause)
                continue
            }
            switch try await follower.run(line, &fold) {
            case .holderGone(let mark):
                context = mark
                if !Task.isCancelled { try await lose(line.process, &fold, outlet) }
            case .notGreeted: await environment.clock.sleep(Self.pause)
            case .unanswered:
                let warning = Self.warning(of: line.process)
                if !hasWarned { environment.notice(warning) }
                readiness?.lose(warning, .zero)
                hasWarned = true
                await environment.clock.sleep(Self.longPause)
            }
        }
        let stopping = StreamRecord(.lifecycle(.stopping), connection: 0, time: environment.clock.now())
        await outlet.receiver.receive(outlet.put(stopping, &fold))
    }

    /// - Parameter refusals: how often joining has failed in a row.
    private func join(
        _ account: ServiceAccount, _ refusals: inout Int, _ readiness: StreamReadiness?
    ) -> ShareConnection? {
        let line = try? environment.share.join(for: account)
        refusals = line == nil ? refusals + 1 : 0
        if refusals == Self.refusals {
            environment.notice(Self.refusal)
            readiness?.lose(Self.refusal, .zero)
        }
        return line
    }

    private static let refusal =
        "another process of this profile holds the push connection and does not share it; waiting until it ends"

    private static func warning(of process: Int32?) -> String {
        let number = process.map { "\($0) " } ?? ""
        let command = process.map { " (kill -CONT \($0))" } ?? ""
        return "the process \(number)that holds the push connection does not answer: if it is stopped, continue it"
            + "\(command), or end it"
    }

    /// Delivers the present state. If that fails, the comparison after the connection does it.
    private func lookAround(_ fold: inout StreamFold, _ outlet: StreamOutlet) async {
        var comparison = PartyComparison(
            client: PartyClient(environment), known: fold.state, mayHaveLostMembership: false)
        // The comparison of the connection asks for them: only an answer that is later than the connection misses none.
        comparison.asksForInvitations = false
        let result = await environment.clock.within(PartyComparison.timeout, step: "snapshot") {
            [comparison] () throws(PartyError) in try await comparison.run()
        }
        switch result {
        case .success(let outcome):
            let record = StreamRecord(.snapshot(outcome.snapshot), connection: 0, time: environment.clock.now())
            await outlet.receiver.receive(outlet.put(record, &fold))
        case .failure(let error):
            if !Task.isCancelled { environment.notice("the current state cannot be read yet: \(error.message)") }
        }
    }

    private func lead(
        _ hold: StreamHold, _ fold: StreamFold, _ context: ContextID?, _ outlet: StreamOutlet
    ) async throws(PartyError) {
        let holder = StreamHolder(environment, options, fold: fold, context: context, outlet: outlet)
        do throws(PartyError) { try await holder.run(hold) } catch {
            await hold.release()
            throw error
        }
        await hold.release()
    }

    private func lose(
        _ holder: Int32?, _ fold: inout StreamFold, _ outlet: StreamOutlet
    ) async throws(PartyError) {
        guard options.reconnects else {
            let number = holder.map { " (pid \($0))" } ?? ""
            throw PartyError(.unreachable, "the process that held the connection\(number) ended", step: "push")
        }
        let record = StreamRecord(
            .lifecycle(.holderEnded(holder)), connection: 0, time: environment.clock.now())
        await outlet.receiver.receive(outlet.put(record, &fold))
    }

    /// If sharing is impossible, for example on a read-only disk, this process has the stream alone.
    private func hold(for account: ServiceAccount) -> StreamHold? {
        do throws(StoreError) {
            return try environment.share.hold(for: account)
        } catch {
            environment.notice("the push connection is not shared: \(error.message)")
            return Unshared().hold()
        }
    }
}
