import PartyCore
import PartySimulator
import PartyTestSupport
import Synchronization
import Testing

/// A process that dies at one of the moments at which it touches network or disk.
final class Mortality: Sendable {
    private let left: Mutex<Int>

    /// - Parameter moments: so many are survived.
    init(moments: Int) {
        left = Mutex(moments)
    }

    /// Passes one moment.
    /// - Returns: whether the process is still alive.
    func passes() -> Bool {
        left.withLock { left in
            left = max(left - 1, -1)
            return left >= 0
        }
    }

    var isDead: Bool { left.withLock { $0 < 0 } }
}

/// The network of a process that may die before a request is out, or before its answer is in.
private struct MortalTransport: Transport {
    let base: any Transport
    let life: Mortality
    private let death = TransportError(.brokenOff, .exchange, "dead")

    func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        guard life.passes() else { throw death }
        let response = try await base.send(request)
        guard life.passes() else { throw death }
        return response
    }

    func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        throw TransportError(.unusable, .preparing, "no push in this test")
    }
}

/// The files of a process that may die before a write or right after it.
private struct MortalStore: Store {
    let base: MemoryStore
    let life: Mortality
    private let death = StoreError(.unwritable, "dead")

    func load(_ item: StoreItem) throws(StoreError) -> [UInt8]? { try base.load(item) }

    func save(_ item: StoreItem, _ bytes: [UInt8]) throws(StoreError) {
        // The budget of requests is no part of the deed.
        guard item.name == StoreItem.voice.name else { return try base.save(item, bytes) }
        guard life.passes() else { throw death }
        try base.save(item, bytes)
        guard life.passes() else { throw death }
    }

    func erase(_ item: StoreItem) throws(StoreError) { try base.erase(item) }
    func forget(_ items: [StoreItem]) async throws(StoreError) { try await base.forget(items) }
    func accountFolders() -> [String] { base.accountFolders() }
    func lock(_ item: StoreItem) async throws(StoreError) -> StoreLock { try await base.lock(item) }
}

/// Wherever a run of voice dies, `voice stop` takes down what it left.
struct CrashTests {
    enum Surroundings: CaseIterable {
        /// Nobody else has voice.
        case alone
        /// The bridge is somebody else's, and in use.
        case shared
        /// The service lets no second bridge be linked.
        case strict
    }

    /// One whole life: a leftover of an earlier run, an offer, an answer, the end.
    private static func live(_ stage: BridgeStage, _ life: Mortality) async {
        let session = stage.session(
            store: MortalStore(base: stage.stores[0], life: life),
            transport: MortalTransport(base: stage.world.transport, life: life))
        guard (try? await session.open(stage.party)) != nil else { return }
        guard (try? await session.answer("v=0\r\n")) != nil else { return }
        _ = try? await session.open(stage.party)
        _ = try? await session.close()
    }

    private static func stage(_ surroundings: Surroundings) async throws -> (BridgeStage, BridgeStage.Leftovers) {
        let stage = try await BridgeStage { if surroundings == .strict { $0.secondBridge = .conflict } }
        if surroundings == .shared { _ = try await stage.session(1).open(stage.party) }
        return (stage, try await stage.leftovers())
    }

    /// Every moment once, and more at random: over 200 deaths.
    @Test(arguments: Surroundings.allCases)
    func `after a death at any moment, stop leaves nothing`(_ surroundings: Surroundings) async throws {
        var deaths = 0
        var moment = 0
        while true {
            let (stage, before) = try await Self.stage(surroundings)
            let life = Mortality(moments: moment)
            await Self.live(stage, life)
            guard life.isDead else { break }
            deaths += 1
            try await Self.expectCleanEnd(stage, before, moment)
            moment += 1
        }
        #expect(deaths > 30)
        var generator = SeededChance(seed: UInt64(moment))
        for _ in 0..<40 {
            let (stage, before) = try await Self.stage(surroundings)
            var died: [Int] = []
            // Several lives in a row, each of which finds what the one before left.
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                died.append(Int.random(in: 0..<moment, using: &generator))
                await Self.live(stage, Mortality(moments: died[died.count - 1]))
            }
            try await Self.expectCleanEnd(stage, before, died.last ?? 0, "deaths at \(died)")
        }
    }

    private static func expectCleanEnd(
        _ stage: BridgeStage, _ before: BridgeStage.Leftovers, _ moment: Int, _ words: String = ""
    ) async throws {
        let closings = try await stage.session().close()
        #expect(closings.allSatisfy { $0.error == nil }, "death at moment \(moment) \(words)")
        #expect(try stage.session().attachments() == [])
        // A bridge whose id never reached us is the one thing that only the service can take down, and it does.
        stage.world.clock.advance(by: .seconds(60))
        #expect(try await stage.leftovers() == before, "death at moment \(moment) \(words)")
    }

    @Test func `only a lost answer about a new bridge leaves anything for the service to take down`() async throws {
        var waits: [Int] = []
        for moment in 0..<200 {
            let (stage, before) = try await Self.stage(.alone)
            let life = Mortality(moments: moment)
            await Self.live(stage, life)
            guard life.isDead else { break }
            _ = try await stage.session().close()
            if try await stage.leftovers() != before { waits.append(moment) }
        }
        // Before and after the ledger is told, of two bridges each.
        #expect(waits.count <= 4, "\(waits)")
        #expect(!waits.isEmpty)
    }
}
