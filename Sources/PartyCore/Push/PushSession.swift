/// Runs a `PushMachine` against the network: the shell that looks up, opens, signs in, pings, waits and hands on what came.
package actor PushSession {
    /// Gets what the stream brought, with the number of its connection (from 1) and the time of arrival.
    package typealias Receiver =
        @Sendable (_ delivery: StreamDelivery, _ connection: Int, _ time: Timestamp) async -> Void

    private enum Message: Sendable {
        case input(PushMachine.Input)
        case opened(PushConnection, SignedIn)
        case arrivals([PushArrival], connection: Int)
        case request(@Sendable () async -> Void)
    }

    private let environment: PartyEnvironment
    private let maximumFrame: Int
    private let authenticator: Authenticator
    private let client: RESTClient
    private let mailbox: AsyncStream<Message>
    private let post: AsyncStream<Message>.Continuation
    private let advice: RetryAdviceFile
    private var machine: PushMachine
    private var connection: PushConnection?
    private var connectionNumber = 0
    private var signedIn: SignedIn?
    private var transaction = 0
    private var step: Task<Void, Never>?
    private var reader: Task<Void, Never>?
    private var timer: (deadline: Duration, task: Task<Void, Never>)?

    /// How long after a renewal that failed the next is tried.
    private static let renewalPause: Duration = .seconds(30)

    package init(_ environment: PartyEnvironment, policy: PushMachine.Policy, maximumFrame: Int) {
        self.environment = environment
        self.maximumFrame = maximumFrame
        authenticator = Authenticator(environment)
        client = RESTClient(environment)
        advice = RetryAdviceFile(environment)
        machine = PushMachine(policy)
        (mailbox, post) = AsyncStream.makeStream()
    }

    /// Streams until the task is cancelled, which closes the socket properly and returns.
    /// - Parameter receive: called in order, one at a time; it must not block, since pings wait for it.
    /// - Parameter heardPong: called where something came that is no frame.
    /// - Throws: `PartyError` where the stream cannot be had, or not again.
    package func run(
        _ receive: Receiver, heardPong: @Sendable () async -> Void = {}
    ) async throws(PartyError) {
        defer { release() }
        try await handle(.started(advised: advice.rest(at: environment.clock.now())), receive)
        for await message in mailbox {
            switch message {
            case .input(let input):
                try await handle(input, receive)
            case .opened(let opened, let signedIn):
                adopt(opened, signedIn)
                advice.forget()
                try await handle(.opened(renewIn: renewIn(signedIn)), receive)
            case .arrivals(let arrivals, let number) where number == connectionNumber && connection != nil:
                if arrivals.contains(.pong) { await heardPong() }
                try await handle(arrivals, receive)
            case .arrivals: break  // of a connection we have given up
            case .request(let request): await request()
            }
        }
        await receive(.lifecycle(.stopping), connectionNumber, environment.clock.now())
        await closeProperly()
    }

    /// Runs something between two deliveries, so that it sees the stream at rest; never, once the stream has ended.
    nonisolated package func atRest(_ request: @escaping @Sendable () async -> Void) {
        post.yield(.request(request))
    }

    private func adopt(_ opened: PushConnection, _ signedIn: SignedIn) {
        connection = opened
        self.signedIn = signedIn
        connectionNumber += 1
        reader = Task { [post, connectionNumber] in
            for await arrivals in opened.arrivals {
                post.yield(.arrivals(arrivals, connection: connectionNumber))
            }
        }
    }

    private func handle(_ arrivals: [PushArrival], _ receive: Receiver) async throws(PartyError) {
        let now = environment.clock.now()
        let frames = arrivals.compactMap { arrival -> [UInt8]? in
            if case .frame(let bytes) = arrival { bytes } else { nil }
        }
        if !frames.isEmpty { await receive(.frames(frames), connectionNumber, now) }
        for case .oversized(let size) in arrivals {
            let problem = "a message over \(maximumFrame) bytes"
            await receive(.lifecycle(.frameInvalid(problem: problem, size: size)), connectionNumber, now)
        }
        if case .closed(let closure)? = arrivals.last {
            connection = nil
            let secrets = signedIn.map { [$0.accessToken] } ?? []
            try await handle(.closed(closure.scrubbed(of: secrets)), receive)
        } else {
            try await handle(.arrived, receive)
        }
    }

    private func handle(_ input: PushMachine.Input, _ receive: Receiver) async throws(PartyError) {
        let actions = machine.handle(
            input, at: environment.clock.uptime(), fraction: environment.random.fraction())
        for action in actions { try await execute(action, receive) }
        arm()
    }

    private func execute(_ action: PushMachine.Action, _ receive: Receiver) async throws(PartyError) {
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
        case .report(let lifecycle):
            if case .retrying(_, let wait, true) = lifecycle { advice.remember(wait, at: environment.clock.now()) }
            environment.trace?.tell(.note("push: \(lifecycle.type)"))
            await receive(.lifecycle(lifecycle), connectionNumber, environment.clock.now())
        case .fail(let error): throw error
        }
    }

    private func begin(_ work: @escaping @Sendable (PushSession) async -> Message) {
        step = Task { post.yield(await work(self)) }
    }

    private func lookUp() async -> Message {
        do throws(PartyError) {
            return .input(.addressFound(try await address()))
        } catch { return .input(.failed(error, nil)) }
    }

    private func address() async throws(PartyError) -> PushAddress {
        let endpoints = Endpoints(environment.settings.hosts)
        let step = "push look-up"
        var dialect = PushDialect.current
        let response: RESTResponse
        do throws(PartyError) {
            response = try await client.send(endpoints.pushAddress(dialect), step: step)
        } catch {
            // Some have seen the newer look-up refused where the older one worked.
            guard let status = error.status, (400..<500).contains(status), status != 401, status != 429
            else { throw error }
            dialect = .older
            response = try await client.send(endpoints.pushAddress(dialect), step: step)
        }
        return try PushAddress(response.body, dialect: dialect, hosts: environment.settings.hosts)
    }

    private func open(_ address: PushAddress, isReconnection: Bool) async -> Message {
        do throws(PartyError) {
            let signedIn = try await authenticator.token()
            self.signedIn = signedIn
            let request = PushRequests.open(
                address, token: signedIn.accessToken, isReconnection: isReconnection,
                words: environment.settings.pushClient, maximumFrame: maximumFrame)
            do throws(TransportError) {
                return .opened(try await environment.transport.openPush(request), signedIn)
            } catch {
                return .input(Self.failure(error))
            }
        } catch { return .input(.failed(error, nil)) }
    }

    private static func failure(_ error: TransportError) -> PushMachine.Input {
        var failure = PartyError(error, step: "push")
        guard case .refused(let response) = error.kind else { return .failed(failure, nil) }
        if response.status == 403 {
            failure.hint = "sign in again with `psparty login`: tokens made without a device id are refused here"
        }
        return .failed(failure, response)
    }

    private func renewToken() async -> Message {
        guard let signedIn else { return .input(.tokenRenewed) }
        do throws(PartyError) {
            self.signedIn = try await authenticator.token(replacing: signedIn.accessToken)
            return .input(.tokenRenewed)
        } catch { return .input(.failed(error, nil)) }
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

    /// Sleeps towards the machine's deadline. A timer that is armed for an earlier moment stays: its tick comes too soon,
    /// changes nothing, and arms the next; so a busy stream costs no timer a frame.
    private func arm() {
        guard let deadline = machine.deadline else { return }
        if let timer, timer.deadline <= deadline { return }
        timer?.task.cancel()
        let wait = max(.zero, deadline - environment.clock.uptime())
        let task = Task { [environment] in
            await environment.clock.sleep(wait)
            guard !Task.isCancelled else { return }
            self.ring()
        }
        timer = (deadline, task)
    }

    private func ring() {
        timer = nil
        post.yield(.input(.ticked))
    }

    /// The closing handshake, for as long as somebody who pressed Ctrl-C is willing to wait.
    private func closeProperly() async {
        guard let connection, let reader else { return }
        connection.close(1000, "")
        let limit = Task { [environment] in
            await environment.clock.sleep(.milliseconds(500))
            reader.cancel()
        }
        await reader.value
        limit.cancel()
    }

    private func release() {
        step?.cancel()
        timer?.task.cancel()
        reader?.cancel()
        if let connection { connection.close(1000, "") }
        connection = nil
    }
}
