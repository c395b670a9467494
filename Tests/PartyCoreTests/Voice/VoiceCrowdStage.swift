import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// A party of many members on a simulated service, each of whom can start a voice run.
struct VoiceCrowdStage: Sendable {
    let world: TestWorld
    let party: PartyID
    let size: Int
    private let environments: [PartyEnvironment]

    /// - Parameter latency: how many milliseconds the service takes for each request.
    init(size: Int, latency: Int = 100) async throws {
        var scenario = Scenario()
        scenario.accounts = size
        let world = TestWorld(scenario)
        var environments: [PartyEnvironment] = []
        var party: PartyID?
        for account in 0..<size {
            var environment = world.environment()
            // A device of its own for each: one device has one place on a bridge.
            environment.random = .counting(fraction: Double(account) / Double(size))
            environment.random.bytes = { count in [UInt8](repeating: UInt8(account + 1), count: count) }
            let client = PartyClient(environment)
            _ = try await client.signIn(npsso: Redacted(world.service.accounts[account].npsso))
            if let party {
                _ = try await client.join(.id(party), voice: true)
            } else {
                party = try await client.create(NewParty())
            }
            environments.append(environment)
        }
        await world.service.clearRequests()
        await world.service.add(
            Fault(match: .init(path: "/api/", times: nil), action: .delay, delayMilliseconds: latency))
        self.world = world
        self.environments = environments
        self.party = try #require(party)
        self.size = size
    }

    /// One member's run.
    struct Run: Sendable {
        let account: Int
        let reports: Tape<VoiceRun.Report>
        let task: Task<PartyError?, Never>

        /// The members with whom offer and answer were exchanged.
        var agreed: Set<VoicePeer> {
            Set(reports.all.compactMap { if case .agreed(let peer) = $0 { peer } else { nil } })
        }

        func end() async {
            task.cancel()
            _ = await task.value
        }
    }

    /// - Parameter delay: how long from now the run begins.
    func start(_ account: Int, after delay: Duration = .zero) -> Run {
        let reports = Tape<VoiceRun.Report>()
        let environment = environments[account]
        let task = Task { () async -> PartyError? in
            do throws(PartyError) {
                if delay > .zero { await environment.clock.sleep(delay) }
                let client = PartyClient(environment)
                let identity = try await VoiceIdentity(in: party, client)
                let run = VoiceRun(
                    client, identity: identity, engine: EngineDouble().link(), options: VoiceRun.Options()
                ) { reports.append($0) }
                try await run.run(PartyFeed(environment, PartyFeed.Options()))
                return nil
            } catch { return error }
        }
        return Run(account: account, reports: reports, task: task)
    }

    /// Advances the clock until the task is cancelled, slower than the runs do their work.
    func passTime() -> Task<Void, Never> {
        Task { [clock = world.clock] in
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(10))
                // Each empty task queues behind the work that is due, so on a busy machine time passes more slowly.
                for _ in 0..<20 { await Task.detached {}.value }
                try? await Task.sleep(for: .milliseconds(4))
            }
        }
    }

    /// Waits until that time has passed for the runs.
    func wait(_ time: Duration) async throws {
        let end = world.clock.uptime + time
        try await eventually(.seconds(60), "\(time)") { [clock = world.clock] in clock.uptime >= end }
    }

    /// The requests of one member, including those of the push stream.
    func requests(of account: Int) async -> [String] {
        let id = world.service.accounts[account].accountId
        return await world.service.requests().filter { $0.accountId == id }.map { $0.method + " " + $0.target }
    }

    /// The places on each bridge.
    func places() async throws -> [Int] {
        let request = RESTRequest(.get, InProcessTransport.origin + "/_sim/state")
        let state = try JSONDocument(try await world.transport.send(request).body).root
        return try #require(state["bridges"]).elements.map { $0["peers"]?.elements.count ?? 0 }
    }
}
