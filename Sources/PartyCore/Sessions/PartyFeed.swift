/// The push stream of a profile as events, over any number of connections and of processes that hold them.
public struct PartyFeed: Sendable {
    /// How hard a lost stream is tried for, and how large a frame may be.
    public struct Options: Sendable {
        /// Whether a lost stream is tried for at all.
        public var reconnects = true
        /// Give up after so many tries in a row.
        public var maximumTries: Int?
        /// Give up after so long without a stream.
        public var maximumOutage: Duration?
        /// Bytes; a larger frame is reported and skipped. The process that holds the connection decides.
        public var maximumFrame = 1 << 20
        /// Whether the service is asked for the present state before all else, also of parties that we are in without
        /// having entered them by this profile.
        public var beginsWithSnapshot = false
        /// Whether the run is a voice chat: the push service is told of it for as long as it lasts, and wants to hear from us
        /// more often then.
        public var isVoiceChat = false
        /// Whether the stream is given up where it does not become ready soon: for whoever waits for that. Once it was ready
        /// it is held on to as ever.
        public var mustBecomeReady = false
        /// A party session that was looked up just before, for a run that asks for it again once the stream is ready. The first
        /// comparison of all parties then waits until another process joins the connection, or for as long as an audit.
        var known: PartySession?
        /// Gets everything that the stream brings as it came, for recordings, before its events are received.
        package var record: (@Sendable (StreamRecord) -> Void)?

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

    /// The same stream for a voice chat, which looks after its party session itself.
    func forVoiceChat(knowing party: PartySession) -> PartyFeed {
        var options = options
        options.isVoiceChat = true
        options.known = party
        return PartyFeed(environment, options)
    }

    /// The pause after which a place that is neither free nor answering is looked at again.
    private static let pause: Duration = .milliseconds(20)
    /// The pause after which somebody who does not answer is asked again, or found gone.
    private static let longPause: Duration = .milliseconds(500)

    /// Streams until the task is cancelled, which closes the socket properly and returns. One process of a profile holds
    /// the connection; the others get everything from it, and when it ends, one of them takes over.
    /// - Throws: `PartyError` where the stream cannot be had, or was lost for good.
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

    /// What has come to its end.
    private enum Part: Sendable {
        case stream(PartyError?)
        case readiness(PartyError?)
    }

    private func stream(_ receiver: StreamReceiver, _ readiness: StreamReadiness?) async throws(PartyError) {
        let outlet = StreamOutlet(receiver: receiver, record: options.record)
        let follower = StreamFollower(
            clock: environment.clock, options: options, outlet: outlet, heard: environment.heard)
        var fold = StreamFold()
        var context: ContextID?
        var hasWarned = false
        let account = try Authenticator(environment).account()
        if let party = options.known {
            let snapshot = StreamSnapshot(
                [StreamSnapshot.Entry(id: party.id, party: party)], account: account.accountID)
            _ = fold.take(.snapshot(snapshot), connection: 0, time: environment.clock.now())
        }
        if options.beginsWithSnapshot { await lookAround(&fold, outlet) }
        while !Task.isCancelled {
            if let hold = hold(for: account) { return try await lead(hold, fold, context, outlet) }
            guard let line = try? environment.share.join(for: account) else {
                await environment.clock.sleep(Self.pause)
                continue
            }
            switch try await follower.run(line, &fold) {
            case .holderGone(let mark):
                context = mark
                if !Task.isCancelled { try await lose(&fold, outlet) }
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

    private static func warning(of process: Int32?) -> String {
        let number = process.map { "\($0) " } ?? ""
        let command = process.map { " (kill -CONT \($0))" } ?? ""
        return "the process \(number)that holds the push connection does not answer: if it is stopped, let it go on"
            + "\(command), or end it"
    }

    /// What is so already; where it cannot be had now, the comparison behind the connection tells it.
    private func lookAround(_ fold: inout StreamFold, _ outlet: StreamOutlet) async {
        let comparison = PartyComparison(
            client: PartyClient(environment), known: fold.state, mayHaveLostMembership: false)
        let result = await environment.clock.within(PartyComparison.patience, step: "snapshot") {
            () throws(PartyError) in try await comparison.run()
        }
        switch result {
        case .success(let outcome):
            let record = StreamRecord(.snapshot(outcome.snapshot), connection: 0, time: environment.clock.now())
            await outlet.receiver.receive(outlet.put(record, &fold))
        case .failure(let error):
            if !Task.isCancelled { environment.notice("the present state cannot be told yet: \(error.message)") }
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

    private func lose(_ fold: inout StreamFold, _ outlet: StreamOutlet) async throws(PartyError) {
        let reason = "the process that holds the connection has ended, or hands on no more"
        guard options.reconnects else { throw PartyError(.unreachable, reason, step: "push") }
        let lost = StreamLifecycle.lost(reason: reason, retryAfter: .zero)
        let record = StreamRecord(.lifecycle(lost), connection: 0, time: environment.clock.now())
        await outlet.receiver.receive(outlet.put(record, &fold))
    }

    /// Where sharing is impossible, on a disk that takes no file say, the stream is had alone.
    private func hold(for account: ServiceAccount) -> StreamHold? {
        do throws(StoreError) {
            return try environment.share.hold(for: account)
        } catch {
            environment.notice("the push connection is not shared: \(error.message)")
            return Unshared().hold()
        }
    }
}
