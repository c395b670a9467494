/// Runs a `PushMachine` against the network: looks up the address, opens the socket, sends our frames and pings, and keeps the
/// machine's timer.
///
/// There are two queues. `inputs` has what the machine must know, and `DeliveryQueue` has what the stream brought. So a slow
/// receiver does not delay the machine.
package actor PushSession {
    /// Gets what the stream brought, with the number of its connection (from 1) and the time of arrival.
    package typealias Receiver = (_ delivery: StreamDelivery, _ connection: Int, _ time: Timestamp) async -> Void
    /// The same, but it never waits: it may be called on the thread that keeps the socket alive.
    package typealias InlineReceiver =
        @Sendable (_ delivery: StreamDelivery, _ connection: Int, _ time: Timestamp) -> Void

    private enum Message: Sendable {
        case input(PushMachine.Input)
        /// From a socket; it counts only while that is our socket.
        case fromSocket(PushMachine.Input, connection: Int)
        case opened(PushConnection, SignedIn)
    }

    private let environment: PartyEnvironment
    private let maximumFrame: Int
    private let authenticator: Authenticator
    private let connector: PushConnector
    private let inputs: AsyncStream<Message>
    private let post: AsyncStream<Message>.Continuation
    private let queue = DeliveryQueue()
    private let advice: RetryAdviceFile
    private var inline: InlineReceiver?
    private var machine: PushMachine
    private var connection: PushConnection?
    private var connectionNumber = 0
    private var signedIn: SignedIn?
    private var transaction = 0
    private var step: Task<Void, Never>?
    private var isOver = false
    /// A connection that is open and waits in `inputs`. This session has to close it.
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
        (inputs, post) = AsyncStream.makeStream()
    }

    /// Streams until the task is cancelled, then closes the socket properly and returns. What arrives waits for `deliver`.
    /// - Parameter inline: gets a single frame instead of the receiver of `deliver`, if that one is idle: without a change of
    ///   tasks and threads, which costs as much as all the rest.
    /// - Throws: `PartyError` if the stream cannot be opened, or not again.
    package func run(inline: InlineReceiver? = nil) async throws(PartyError) {
        self.inline = inline
        defer {
            release()
            queue.end()
        }
        try await drive()
        try? handle(.stopAsked)
        deliver(.lifecycle(.stopping))
        await closeProperly()
    }

    /// Delivers what arrives, in order, one at a time, until the run has ended and all of it is delivered. It runs in the
    /// caller's task. However long the receiver takes, the stream is kept alive, and what arrives waits in memory.
    /// - Parameter onPong: called, in order, if a pong or part of a message arrived.
    nonisolated package func deliver(to receive: Receiver, onPong: () async -> Void = {}) async {
        await queue.deliver(receive, onPong: onPong)
    }

    /// Runs something between two deliveries. It is dropped if the stream has ended.
    nonisolated package func betweenDeliveries(_ request: @escaping @Sendable () async -> Void) {
        queue.put(request)
    }

    /// Sets what the connection is used for. The service is told, now or on the next connection.
    nonisolated package func want(_ type: PushDialect.KeepAliveType) {
        post.yield(.input(.keepAliveTypeWanted(type)))
    }

    private func drive() async throws(PartyError) {
        try handle(.started(advised: advice.rest(at: environment.clock.now())))
        for await message in inputs {
            switch message {
            case .input(let input): try handle(input)
            case .fromSocket(let input, let number) where number == connectionNumber && connection != nil:
                try handle(received(input))
                reader?.deliver()
            case .fromSocket: break  // from an abandoned connection
            case .opened(let opened, let signedIn):
                connection = opened
                unclaimed = nil
                connectionNumber += 1
                self.signedIn = signedIn
                advice.forget()
                try handle(.opened(renewIn: renewIn(signedIn)))
                // Not before: `connected` is delivered before anything from the socket.
                read(opened)
            }
        }
    }

    private func deliver(_ delivery: StreamDelivery) {
        queue.put(delivery, connection: connectionNumber, environment.clock.now())
    }

    private func read(_ opened: PushConnection) {
        let reader = PushReader(
            opened, connection: connectionNumber, maximumFrame: maximumFrame, clock: environment.clock, queue,
            inline: inline
        ) { [post, connectionNumber] input in
            post.yield(.fromSocket(input, connection: connectionNumber))
        }
        self.reader = reader
        reader.begin()
    }

    private func received(_ input: PushMachine.Input) -> PushMachine.Input {
        guard case .closed(let closure) = input else { return input }
        connection = nil
        return .closed(closure.scrubbed(of: signedIn.map { [$0.accessToken] } ?? []))
    }

    private func handle(_ input: PushMachine.Input) throws(PartyError) {
        let actions = machine.handle(
            input, at: environment.clock.uptime(), fraction: environment.random.fraction())
        // Before a ping goes out, or its answer could be missed.
        if machine.awaitsArrival { reader?.activity.clear() }
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
            reader?.deliver()
            reader?.stop()
        case .report(let lifecycle):
            if case .retrying(_, let wait, true) = lifecycle { advice.remember(wait, at: environment.clock.now()) }
            environment.trace?.tell(.note("push: \(lifecycle.type)"))
            deliver(.lifecycle(lifecycle))
        case .fail(let error): throw error
        case .reportFault(let fault): environment.trace?.tell(.note("push: \(fault)"))
        }
    }

    private func begin(_ work: @escaping @Sendable (PushSession) async -> Message) {
        step = Task {
            let message = await work(self)
            // It opened while the run ended: no reader will close it.
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
            // Set before the attempt: a refusal concerns this token.
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

    /// The time until the token has to be renewed; `nil` if it cannot be.
    private func renewIn(_ signedIn: SignedIn) -> Duration? {
        signedIn.renewalDue.map { max(.zero, $0 - environment.clock.now()) }
    }

    /// Gets a new token for the open stream. If that fails, the stream goes on with the old one for now.
    private func refreshToken() async -> Message {
        do throws(PartyError) {
            let renewed = try await authenticator.token()
            guard renewed.accessToken != signedIn?.accessToken else {
                return .input(.tokenNotRefreshed(retryIn: Self.renewalPause))
            }
            signedIn = renewed
            return .input(
                .tokenRefreshed(
                    // A token that has already expired when it arrives must not cause an endless loop of requests.
                    renewIn: renewIn(renewed).map { max($0, .seconds(1)) }))
        } catch {
            environment.notice("the token could not be renewed: \(error.message)")
            // The stream ends only when the service closes it: until then everything arrives as before.
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

    /// The closing handshake, with a short limit: the user may have pressed Ctrl-C.
    private func closeProperly() async {
        guard let connection, let reader else { return }
        // No longer waits for the first sign of life.
        reader.deliver()
        connection.close(1000, "")
        // Not in our own task, which has been cancelled.
        let waiting = Task { await reader.waitUntilClosed() }
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
        // What has arrived is delivered, even if the stream was never ready.
        reader?.deliver()
        reader?.stop()
        // Both keep the receiver, and the receiver keeps this session.
        reader = nil
        inline = nil
        if let connection { connection.close(1000, "") }
        connection = nil
        post.finish()
    }
}

extension PushClosure {
    /// The close reason without secrets of ours that the service repeats.
    func scrubbed(of secrets: [Redacted<String>]) -> PushClosure {
        guard case .peer(let code, let reason) = self else { return self }
        return .peer(code: code, reason: Redaction.scrubbed(reason, of: secrets))
    }
}
