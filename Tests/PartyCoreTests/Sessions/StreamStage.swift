import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// Streams of one profile on a simulated service. Each is a task; real ones are processes.
struct StreamStage: Sendable {
    let world: TestWorld
    let share = MemoryShare()
    let store = MemoryStore()
    let client: PartyClient
    /// The network of the streams; `client` has another.
    let trouble: TroubledTransport

    /// Signs the first account in.
    init(_ scenario: Scenario = Scenario()) async throws {
        world = TestWorld(scenario)
        trouble = TroubledTransport(world.transport)
        client = try await world.signedIn(0, store: store)
    }

    func environment(_ change: (inout PartyEnvironment) -> Void = { _ in }) -> PartyEnvironment {
        var environment = world.environment(store: store, transport: trouble)
        environment.share = share
        change(&environment)
        return environment
    }

    /// One run of a stream.
    struct Run: Sendable {
        let events: Tape<StreamEvent>
        let task: Task<PartyError?, Never>

        /// Ends it and waits until it is over.
        func end() async -> PartyError? {
            task.cancel()
            return await task.value
        }

        /// The events up to the first one that matches.
        func events(until isLast: @escaping @Sendable (StreamEvent) -> Bool) async throws -> [StreamEvent] {
            try await within(.seconds(20), "an event") {
                var seen: [StreamEvent] = []
                while let event = try await events.value(at: seen.count) {
                    seen.append(event)
                    if isLast(event) { return seen }
                }
                throw DeadlinePassed(description: "the stream ended before: \(seen.map(\.type))")
            }
        }

        /// The types up to the first event of that type after that many events.
        func types(until type: String, after count: Int = 0) async throws -> [String] {
            let seen = Tape<Int>()
            return try await events { event in
                seen.append(0)
                return event.type == type && seen.count > count
            }.map(\.type)
        }
    }

    /// - Parameter isPrompt: whether the receiver gets events at once, or in a task of its own.
    func run(
        _ options: PartyFeed.Options = PartyFeed.Options(), in environment: PartyEnvironment? = nil,
        isPrompt: Bool = true
    ) -> Run {
        let feed = PartyFeed(environment ?? self.environment(), options)
        let tape = Tape<StreamEvent>()
        let task = Task { () async -> PartyError? in
            defer { tape.end() }
            do throws(PartyError) {
                let keep = { @Sendable (events: [StreamEvent]) in for event in events { tape.append(event) } }
                try await feed.run(
                    isPrompt
                        ? .atOnce(keep)
                        : .inItsTime { events in
                            await Task.yield()
                            keep(events)
                        })
                return nil
            } catch { return error }
        }
        return Run(events: tape, task: task)
    }

    var accountID: String { world.service.accounts[0].accountId }

    /// The service's open push sockets.
    func sockets() async -> Int { await world.service.push(.ping([]), to: accountID) }
}

extension StreamEvent {
    /// The output; a duplicate and a frame without an event are in parentheses.
    var type: String {
        switch content {
        case .party(let event): event.kind.rawValue
        case .lifecycle(let lifecycle): lifecycle.type
        case .duplicate: "(duplicate)"
        case .unknownFrame: "(unknown)"
        }
    }

    var party: PartyEvent? {
        if case .party(let event) = content { event } else { nil }
    }
}
