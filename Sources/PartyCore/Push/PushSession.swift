/// Runs a `PushMachine` against the network: the shell that looks up, opens, signs in, pings, waits and hands on what came.
///
/// There are two queues. What happened to the connection waits for the machine; what it brought waits for the receiver
/// (`PushHandouts`). So the machine's clock goes on whatever the receiver does.
package actor PushSession {
    /// Gets what the stream brought, with the number of its connection (from 1) and the time of arrival.
    package typealias Receiver = (_ delivery: StreamDelivery, _ connection: Int, _ time: Timestamp) async -> Void
    /// The same without waiting for anything: it may be called on the thread that keeps the socket alive.
    package typealias PromptReceiver =
        @Sendable (_ delivery: StreamDelivery, _ connection: Int, _ time: Timestamp) -> Void

    private enum Message: Sendable {
        case input(PushMachine.Input)
        /// Something that a socket said, which counts only while we hold it.
        case heard(PushMachine.Input, connection: Int)
        case opened(PushConnection, SignedIn)
    }

    private let environment: PartyEnvironment
    private let maximumFrame: Int
    private let authenticator: Authenticator
    private let connector: PushConnector
    private let mailbox: AsyncStream<Message>
    private let post: AsyncStream<Message>.Continuation
    private let handouts = PushHandouts()
    private let advice: RetryAdviceFile
    private var prompt: PromptReceiver?
    private var machine: PushMachine
    private var connection: PushConnection?
    private var connectionNumber = 0
    private var signedIn: SignedIn?
    private var transaction = 0
    private var step: Task<Void, Never>?
    private var isOver = false
    /// A connection that is open and waits in the queue. This session has to close it.
    private var unclaimed: PushConnection?
    private var reader: PushReader?
    private var timer: DeadlineTimer

    /// How long after a renewal that failed the next is tried.
    private static let renewalPause: Duration = .seconds(30)

    package init(_ environment: PartyEnvironment, policy: PushMachine.Policy, maximumFrame: Int) {
        self.environment = environment
        self.maximumFrame = maximumFrame
        authenticator = Authenticator(environment)
        connector = PushConnector(environment, maximumFrame: maximumFrame)
        advice = RetryAdviceFile(environment)
        machine = PushMachine(policy)
        timer = DeadlineTimer(environment.clock)
        (mailbox, post) = AsyncStream.makeStream()
    }

    /// Streams until the task is cancelled, which closes the socket properly and returns. What comes waits for `handOut`.
    /// - Parameter prompt: gets a frame that comes by itself while the receiver waits, in the receiver's place: without a
    ///   change of tasks and threads, which costs as much as all else.
    /// - Throws: `PartyError` where the stream cannot be had, or not again.
    package func run(promptly prompt: PromptReceiver? = nil) async throws(PartyError) {
        self.prompt = prompt
        defer {
            release()
            handouts.end()
        }
        try await drive()
        try? handle(.stopAsked)
        deliver(.lifecycle(.stopping))
        await closeProperly()
    }

    /// Hands out what comes, in order, one at a time, until all of a run that has ended is handed out; it runs where its
    /// caller does. Whatever time it takes, the stream is kept alive, and what comes waits in memory.
    /// - Parameter heardPong: called in the same order where something came that is no frame.
    nonisolated package func handOut(_ receive: Receiver, heardPong: () async -> Void = {}) async {
        await handouts.handOut(receive, heardPong: heardPong)
    }

    /// Runs something between two deliveries, so that it sees the stream at rest; never, once the stream has ended.
    nonisolated package func atRest(_ request: @escaping @Sendable () async -> Void) {
        handouts.put(request)
    }

    /// What the connection is wanted for from here on: the service is told, now or once there is one.
    nonisolated package func want(_ type: PushDialect.KeepAliveType) {
        post.yield(.input(.keepAliveTypeWanted(type)))
    }

    private func drive() async throws(PartyError) {
        try handle(.started(advised: advice.rest(at: environment.clock.now())))
        for await message in mailbox {
            switch message {
            case .input(let input): try handle(input)
            case .heard(let input, let number) where number == connectionNumber && connection != nil:
                try handle(heard(input))
                reader?.handOn()
            case .heard: break  // of a connection we have given up
            case .opened(let opened, let signedIn):
                connection = opened
                unclaimed = nil
                connectionNumber += 1
                self.signedIn = signedIn
                advice.forget()
                try handle(.opened(renewIn: renewIn(signedIn)))
                // Not before: what it brings comes after the word that it stands.
                read(opened)
            }
        }
    }

    private func deliver(_ delivery: StreamDelivery) {
        handouts.put(delivery, connection: connectionNumber, environment.clock.now())
    }

    private func read(_ opened: PushConnection) {
        let outlets = PushReader.Outlets(
            deliver: { [handouts] in handouts.put($0, connection: $1, $2) },
            deliverFrames: { [handouts, prompt] in handouts.put($0, of: opened, promptly: prompt) },
            deliverPong: { [handouts] in handouts.putPong() },
            tell: { [post, connectionNumber] in post.yield(.heard($0, connection: connectionNumber)) })
        let reader = PushReader(
            connection: connectionNumber, maximumFrame: maximumFrame, clock: environment.clock, outlets)
        self.reader = reader
        opened.arrivals.receive { reader.take($0) }
    }

    private func heard(_ input: PushMachine.Input) -> PushMachine.Input {
        guard case .closed(let closure) = input else { return input }
        connection = nil
        return .closed(closure.scrubbed(of: signedIn.map { [$0.accessToken] } ?? []))
    }

    private func handle(_ input: PushMachine.Input) throws(PartyError) {
        let actions = machine.handle(
            input, at: environment.clock.uptime(), fraction: environment.random.fraction())
        // Before a ping goes out, so that its answer is told.
        if machine.awaitsArrival { reader?.mark.clear() }
        for action in actions { try execute(action) }
        timer.arm(for: machine.deadline) { await self.ring() }
    }

    private func execute(_ action: PushMachine.Action) throws(PartyError) {
        switch action {
        case .lookUp(let type): begin { session in await session.lookUp(type) }
        case .open(let address, let isReconnection):
            begin { session in await session.open(address, isReconnection: isReconnection) }
        case .renewToken: begin { session in await session.renewToken() }
        case .refreshToken: begin { session in await session.refreshToken() }
        case .sendStatus:
            if let signedIn { send { PushRequests.status(signedIn, transaction: $0) } }
        case .sendKeepAliveType(let type): send { PushRequests.keepAliveType(type, transaction: $0) }
        case .notify(let words): environment.notice(words)
        case .ping: connection?.ping()
        case .abandon:
            connection?.close(1001, "")
            connection = nil
            reader?.handOn()
            reader?.stop()
        case .report(let lifecycle):
            if case .retrying(_, let wait, true) = lifecycle { advice.remember(wait, at: environment.clock.now()) }
            environment.trace?.tell(.note("push: \(lifecycle.type)"))
            deliver(.lifecycle(lifecycle))
        case .fail(let error): throw error
        }
    }

    private func begin(_ work: @escaping @Sendable (PushSession) async -> Message) {
        step = Task {
            let message = await work(self)
            // This connection opened while the run ended, so it has no reader.
            if case .opened(let opened, _) = message {
                guard !isOver, !Task.isCancelled else { return opened.close(1000, "") }
                unclaimed = opened
            }
            post.yield(message)
        }
    }

    private func lookUp(_ type: PushDialect.KeepAliveType) async -> Message {
        do throws(PartyError) {
            return .input(.addressFound(try await connector.address(type)))
        } catch { return .input(.failed(error)) }
    }

    private func open(_ address: PushAddress, isReconnection: Bool) async -> Message {
        do throws(PartyError) {
            let signedIn = try await authenticator.token()
            // Before it is tried: a refusal is of this one.
            self.signedIn = signedIn
            return .opened(try await connector.open(address, signedIn, isReconnection: isReconnection), signedIn)
        } catch { return .input(.failed(error)) }
    }

    private func renewToken() async -> Message {
        guard let signedIn else { return .input(.tokenRenewed) }
        do throws(PartyError) {
            self.signedIn = try await authenticator.token(replacing: signedIn.accessToken)
            return .input(.tokenRenewed)
        } catch { return .input(.failed(error)) }
    }

    /// The time until the token wants renewal; `nil` for one that cannot be renewed.
    private func renewIn(_ signedIn: SignedIn) -> Duration? {
        signedIn.renewalDue.map { max(.zero, $0 - environment.clock.now()) }
    }

    /// A token that lasts longer for the open stream. Where there is none now, the old one may do for a while yet.
    private func refreshToken() async -> Message {
        do throws(PartyError) {
            let renewed = try await authenticator.token()
            guard renewed.accessToken != signedIn?.accessToken else {
                return .input(.tokenNotRefreshed(retryIn: Self.renewalPause))
            }
            signedIn = renewed
            return .input(
                .tokenRefreshed(
                    // A token that has expired as it comes must not have the next one asked for at once, and so on.
                    renewIn: renewIn(renewed).map { max($0, .seconds(1)) }))
        } catch {
            environment.notice("the token could not be renewed: \(error.message)")
            // A dead sign-in ends the stream only when the service does: until then everything arrives as before.
            return .input(.tokenNotRefreshed(retryIn: error.kind == .signIn ? nil : Self.renewalPause))
        }
    }

    /// Sends a frame that the service answers.
    private func send(_ frame: (_ transaction: Int) -> [UInt8]) {
        transaction += 1
        reader?.expectAnswer()
        connection?.send(frame(transaction))
    }

    private func ring() {
        timer.hasRung()
        post.yield(.input(.ticked))
    }

    /// The closing handshake, for as long as somebody who pressed Ctrl-C is willing to wait.
    private func closeProperly() async {
        guard let connection, let reader else { return }
        // There is no first sign of life to wait for any more.
        reader.handOn()
        connection.close(1000, "")
        // Not in our own task, which has been cancelled.
        let waiting = Task { await reader.end() }
        let limit = Task { [environment] in
            await environment.clock.sleep(.milliseconds(500))
            waiting.cancel()
        }
        await waiting.value
        limit.cancel()
    }

    private func release() {
        isOver = true
        unclaimed?.close(1000, "")
        unclaimed = nil
        step?.cancel()
        timer.cancel()
        // What has come is handed out, also where the stream was never ready.
        reader?.handOn()
        reader?.stop()
        // It keeps whoever receives, who keeps us.
        reader = nil
        prompt = nil
        if let connection { connection.close(1000, "") }
        connection = nil
        post.finish()
    }
}
