import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// A party of three accounts on a simulated service, and its voice state.
struct BridgeStage: Sendable {
    let world: TestWorld
    let party: PartyID
    /// The files of the three accounts.
    let stores: [MemoryStore]

    init(
        clock: ManualClock = ManualClock(isInstant: true), _ change: (inout Scenario) -> Void = { _ in }
    ) async throws {
        var scenario = Scenario()
        change(&scenario)
        world = TestWorld(scenario, clock: clock)
        stores = [MemoryStore(), MemoryStore(), MemoryStore()]
        var clients: [PartyClient] = []
        for (account, store) in stores.enumerated() {
            var environment = world.environment(store: store)
            // A device of its own for each: one device has one place on a bridge.
            environment.random.bytes = { count in [UInt8](repeating: UInt8(account + 1), count: count) }
            clients.append(PartyClient(environment))
            _ = try await clients[account].signIn(npsso: Redacted(world.service.accounts[account].npsso))
        }
        party = try await clients[0].create(NewParty())
        for client in clients.dropFirst() { _ = try await client.join(.id(party), voice: true) }
        await world.service.clearRequests()
    }

    func session(
        _ account: Int = 0, store: (any Store)? = nil, transport: (any Transport)? = nil,
        _ change: (inout PartyEnvironment) -> Void = { _ in }
    ) -> BridgeSession {
        var environment = world.environment(store: store ?? stores[account], transport: transport)
        change(&environment)
        return BridgeSession(PartyClient(environment))
    }

    /// The voice state at the service: each bridge with its peers, by account.
    struct Leftovers: Equatable {
        var bridges: [[String]] = []
        var linked = 0
    }

    func leftovers() async throws -> Leftovers {
        let request = RESTRequest(.get, InProcessTransport.origin + "/_sim/state")
        let state = try JSONDocument(try await world.transport.send(request).body).root
        let bridges = try #require(state["bridges"]).elements.map { bridge in
            bridge["peers"]?.elements.compactMap { $0["accountId"]?.string.map { String($0.suffix(1)) } } ?? []
        }
        let linked = try #require(state["parties"]).elements.reduce(0) { $0 + ($1["bridges"]?.elements.count ?? 0) }
        return Leftovers(bridges: bridges, linked: linked)
    }

    /// The voice requests so far, as `METHOD path` without ids.
    func sent() async -> [String] {
        await world.service.requests().compactMap { request in
            guard request.target.contains("ridges") else { return nil }
            let path = request.target.split(separator: "?")[0].split(separator: "/").filter { !isUUID($0) }
            return request.method + " " + path.suffix(2).joined(separator: "/")
        }
    }

    /// A fault of a request: the service refuses it, or its response is lost.
    func fault(
        _ method: String, _ path: String, _ action: Fault.Action, times: Int? = 1, isProcessed: Bool = false
    ) async {
        await world.service.add(
            Fault(match: .init(method: method, path: path, times: times), action: action, isProcessed: isProcessed))
    }
}
