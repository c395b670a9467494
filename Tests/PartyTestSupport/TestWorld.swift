package import PartyCore
package import PartySimulator
internal import Synchronization

/// A simulated service with a manual clock, and the environments of its users.
package struct TestWorld: Sendable {
    package let service: SimulatedService
    package let clock: ManualClock
    package let transport: InProcessTransport

    package init(_ scenario: Scenario = Scenario(), clock: ManualClock = ManualClock()) {
        self.clock = clock
        service = SimulatedService(scenario: scenario, now: { clock.partyClock.now().milliseconds })
        transport = InProcessTransport(service, clock: clock.partyClock)
    }

    /// Uses a service that has its own clock.
    package init(_ service: SimulatedService, clock: ManualClock) {
        self.clock = clock
        self.service = service
        transport = InProcessTransport(service, clock: clock.partyClock)
    }

    /// Settings that name the simulator.
    package var settings: ServiceSettings {
        var settings = ServiceSettings()
        settings.hosts = ServiceHosts(origin: InProcessTransport.origin) ?? ServiceHosts()
        settings.oauthClient = OAuthClient(id: service.clientId, secret: Redacted(service.clientSecret))
        return settings
    }

    /// The environment of one profile.
    package func environment(
        store: any Store = MemoryStore(), transport: (any Transport)? = nil
    ) -> PartyEnvironment {
        PartyEnvironment(
            settings: settings, transport: transport ?? self.transport, store: store, clock: clock.partyClock,
            random: .counting())
    }

    /// The identity by which an account's processes share a connection.
    package func account(_ index: Int) -> ServiceAccount {
        ServiceAccount(
            origin: ServiceOrigin(InProcessTransport.origin) ?? .realService,
            accountID: AccountID(service.accounts[index].accountId) ?? AccountID(0))
    }

    /// Waits until the service has an authenticated push connection of that account.
    package func pushIsReady(for account: Int) async {
        let id = service.accounts[account].accountId
        // A ping reaches only such connections and changes nothing.
        while await service.push(.ping([]), to: id) == 0 { await Task.yield() }
    }

    /// A client that is signed in as the account with that index.
    package func signedIn(_ account: Int, store: MemoryStore = MemoryStore()) async throws -> PartyClient {
        let client = PartyClient(environment(store: store))
        _ = try await client.signIn(npsso: Redacted(service.accounts[account].npsso))
        return client
    }
}

extension PartyRandom {
    /// Deterministic randomness: numbered UUIDs, bytes and fractions.
    package static func counting(fraction: Double = 0.5) -> PartyRandom {
        let count = Mutex(0)
        return PartyRandom(
            uuid: {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                let digits = String(number)
                return "aaaaaaaa-bbbb-4ccc-8ddd-" + String(repeating: "0", count: 12 - digits.count) + digits
            },
            bytes: { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) } },
            fraction: { fraction })
    }
}

/// The network of tests that must not use one: every request fails.
package struct RefusingTransport: Transport {
    package init() {}

    package func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        throw TransportError(
            .unusable, .preparing, "no transport in this test: \(request.method.rawValue) \(request.url)")
    }

    package func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        throw TransportError(.unusable, .preparing, "no transport in this test: \(request.url)")
    }
}
