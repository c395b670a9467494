/// Runs a `PushMachine` against the network: the shell that looks up, opens, signs in, pings, waits and hands on what came.
///
/// There are two queues. What happened to the connection waits for the machine; what it brought waits for the receiver, on
/// a task of its own. So the machine's clock goes on whatever the receiver does.
package actor PushSession {
    /// Gets what the stream brought, with the number of its connection (from 1) and the time of arrival.
    package typealias Receiver =
        @Sendable (_ delivery: StreamDelivery, _ connection: Int, _ time: Timestamp) async -> Void

    private enum Message: Sendable {
        case input(PushMachine.Input)
        /// Something that a socket said, which counts only while we hold it.
        case heard(PushMachine.Input, connection: Int)
        case opened(PushConnection, SignedIn)
    }

    /// What waits for the receiver.
    private enum Handout: Sendable {
        case delivery(StreamDelivery, connection: Int, Timestamp)
        case frames(PushReader.Frames, of: PushConnection)
        case pong
        case request(@Sendable () async -> Void)
    }

    private let environment: PartyEnvironment
    private let maximumFrame: Int
    private let authenticator: Authenticator
    private let connector: PushConnector
    private let mailbox: AsyncStream<Message>
    private let post: AsyncStream<Message>.Continuation
    private let handouts: AsyncStream<Handout>
    private let handOut: AsyncStream<Handout>.Continuation
    private let advice: RetryAdviceFile
    private var machine: PushMachine
    private var connection: PushConnection?
    private var connectionNumber = 0
    private var signedIn: SignedIn?
    private var transaction = 0
    private var step: Task<Void, Never>?
    private var reader: (body: PushReader, task: Task<Void, Never>)?
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
        (handouts, handOut) = AsyncStream.makeStream()
    }

    /// Streams until the task is cancelled, which closes the socket properly and returns.
    /// - Parameter receive: called in order, one at a time, for all that came. While it runs the stream is kept alive, and
    ///   what comes waits in memory.
    /// - Parameter heardPong: called in the same order where something came that is no frame.
    /// - Throws: `PartyError` where the stream cannot be had, or not again.
    package func run(
        _ receive: @escaping Receiver, heardPong: @escaping @Sendable () async -> Void = {}
    ) async throws(PartyError) {
        let handing = Task(executorPreference: environment.executor) { [handouts] in
            for await handout in handouts {
                switch handout {
                case .delivery(let delivery, let connection, let time): await receive(delivery, connection, time)
                case .frames(let frames, let connection):
                    await receive(.frames(frames.messages), frames.connection, frames.time)
                    connection.taken(frames.size)
                case .pong: await heardPong()
                case .request(let request): await request()
                }
            }
        }
        var failure: PartyError?
        do throws(PartyError) {
            try await drive()
            deliver(.lifecycle(.stopping))
            await closeProperly()
        } catch { failure = error }
        release()
        handOut.finish()
        await handing.value
        if let failure { throw failure }
    }

    /// Runs something between two deliveries, so that it sees the stream at rest; never, once the stream has ended.
    nonisolated package func atRest(_ request: @escaping @Sendable () async -> Void) {
        handOut.yield(.request(request))
    }

    private func drive() async throws(PartyError) {
        try handle(.started(advised: advice.rest(at: environment.clock.now())))
        for await message in mailbox {
            switch message {
            case .input(let input): try handle(input)
            case .heard(let input, let number) where number == connectionNumber && connection != nil:
                try handle(heard(input))
                reader?.body.isHeard.reach()
            case .heard: break  // of a connection we have given up
            case .opened(let opened, let signedIn):
                connection = opened
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
        handOut.yield(.delivery(delivery, connection: connectionNumber, environment.clock.now()))
    }

    private func read(_ opened: PushConnection) {
        let reader = PushReader(
            connection: connectionNumber, clock: environment.clock,
            deliver: { [handOut] in handOut.yield(.delivery($0, connection: $1, $2)) },
            deliverFrames: { [handOut] in handOut.yield(.frames($0, of: opened)) },
            deliverPong: { [handOut] in handOut.yield(.pong) },
            tell: { [post, connectionNumber] in post.yield(.heard($0, connection: connectionNumber)) })
        let task = Task(executorPreference: environment.executor) { [maximumFrame] in
            await reader.run(opened, maximumFrame: maximumFrame)
        }
        self.reader = (reader, task)
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
        if machine.awaitsArrival { reader?.body.mark.clear() }
        for action in actions { try execute(action) }
        timer.arm(for: machine.deadline) { await self.ring() }
    }

    private func execute(_ action: PushMachine.Action) throws(PartyError) {
        switch action {
        case .lookUp: begin { session in await session.lookUp() }
        case .open(let address, let isReconnection):
            begin { session in await session.open(address, isReconnection: isReconnection) }
        case .renewToken: begin { session in await session.renewToken() }
        case .refreshToken: begin { session in await session.refreshToken() }
        case .authenticate: authenticate()
        case .ping: connection?.ping()
        case .abandon:
            connection?.close(1001, "")
            connection = nil
            reader?.task.cancel()
        case .report(let lifecycle):
            if case .retrying(_, let wait, true) = lifecycle { advice.remember(wait, at: environment.clock.now()) }
            environment.trace?.tell(.note("push: \(lifecycle.type)"))
            deliver(.lifecycle(lifecycle))
        case .fail(let error): throw error
        }
    }

    private func begin(_ work: @escaping @Sendable (PushSession) async -> Message) {
        step = Task { post.yield(await work(self)) }
    }

    private func lookUp() async -> Message {
        do throws(PartyError) {
            return .input(.addressFound(try await connector.address()))
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
            return .input(.tokenRefreshed(renewIn: renewIn(renewed)))
        } catch {
            environment.notice("the token could not be renewed: \(error.message)")
            // A dead sign-in ends the stream only when the service does: until then everything arrives as before.
            return .input(.tokenNotRefreshed(retryIn: error.kind == .signIn ? nil : Self.renewalPause))
        }
    }

    private func authenticate() {
        guard let signedIn else { return }
        transaction += 1
        connection?.send(PushRequests.authentication(signedIn, transaction: transaction))
    }

    private func ring() {
        timer.hasRung()
        post.yield(.input(.ticked))
    }

    /// The closing handshake, for as long as somebody who pressed Ctrl-C is willing to wait.
    private func closeProperly() async {
        guard let connection, let reader else { return }
        // Nobody listens to it any more.
        reader.body.isHeard.reach()
        connection.close(1000, "")
        let limit = Task { [environment] in
            await environment.clock.sleep(.milliseconds(500))
            reader.task.cancel()
        }
        await reader.task.value
        limit.cancel()
    }

    private func release() {
        step?.cancel()
        timer.cancel()
        reader?.task.cancel()
        if let connection { connection.close(1000, "") }
        connection = nil
    }
}
