internal import Synchronization

/// Adds to a stream the events `party.visible` and `party.hidden`, from the service's list of the parties that the account can
/// see. The push stream does not tell of parties that the account is not in.
package struct VisiblePartyWatch: Sendable {
    private struct State {
        var parties = VisibleParties()
        var hasList = false
        var connection = 0
        /// Why there is no list at present.
        var problem: String?
    }

    private let environment: PartyEnvironment
    private let client: PartyClient
    private let interval: Duration

    /// The shortest interval: a tenth of the profile's budget of requests.
    package static let shortest: Duration = .seconds(30)
    /// How many requests of the budget are left for others.
    static let reserve = RequestBudget.limit / 3

    /// - Parameter interval: the time between two lists; at least `shortest`.
    package init(_ environment: PartyEnvironment, every interval: Duration) {
        self.environment = environment
        self.interval = max(interval, Self.shortest)
        client = PartyClient(environment)
    }

    /// Runs the stream, and the comparisons beside it, until the stream ends.
    /// - Parameter receiver: receives the events of both. The parties that are visible at the start have the origin `.snapshot`.
    package func run(
        _ stream: @escaping @Sendable (StreamReceiver) async throws(PartyError) -> Void, _ receiver: StreamReceiver
    ) async throws(PartyError) {
        let state = SharedState()
        let watching = Task { await compare(state, receiver) }
        defer { watching.cancel() }
        try await stream(receiver.then { state.take($0) })
    }

    private func compare(_ state: SharedState, _ receiver: StreamReceiver) async {
        while !Task.isCancelled {
            do throws(PartyError) {
                let me = try await client.accessToken().accountID
                let list = try await client.parties(including: nil, keeping: Self.reserve)
                guard !Task.isCancelled else { return }
                let isComplete = list.count < PartyClient.mostListed
                let events = state.events(
                    of: list, isComplete: isComplete, me: me, at: environment.clock.now())
                if !events.isEmpty { await receiver.receive(events) }
            } catch {
                guard !Task.isCancelled else { return }
                if let notice = state.notice(of: error, Self.words(error)) { environment.notice(notice) }
            }
            await environment.clock.sleep(interval)
        }
    }

    private static func words(_ error: PartyError) -> String {
        // The budget's own refusal has no HTTP status.
        error.kind == .rateLimited && error.status == nil
            ? "looking for visible parties pauses while the request budget is nearly used up"
            : "the visible parties cannot be listed: \(error.message); trying again"
    }

    private final class SharedState: Sendable {
        private let state = Mutex(State())

        func take(_ events: [StreamEvent]) {
            state.withLock { state in
                for event in events {
                    state.connection = event.connection
                    if case .party(let party) = event.content { state.parties.take(party) }
                }
            }
        }

        func events(of list: [PartySession], isComplete: Bool, me: AccountID, at time: Timestamp) -> [StreamEvent] {
            state.withLock { state in
                state.problem = nil
                let origin: StreamEvent.Origin = state.hasList ? .comparison : .snapshot
                state.hasList = true
                return state.parties.compare(with: list, isComplete: isComplete, me: me).map { event in
                    StreamEvent(time: time, connection: state.connection, content: .party(event), origin: origin)
                }
            }
        }

        /// - Returns: the notice, unless it was the last one already.
        func notice(of error: PartyError, _ words: String) -> String? {
            guard error.kind != .cancelled else { return nil }
            return state.withLock { state in
                defer { state.problem = words }
                return state.problem == words ? nil : words
            }
        }
    }
}
