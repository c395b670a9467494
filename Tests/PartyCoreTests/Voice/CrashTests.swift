import PartyCore
import PartySimulator
import PartyTestSupport
import Synchronization
import Testing

/// A process that crashes before or after one of its operations on network or disk.
final class Mortality: Sendable {
    private let left: Mutex<Int>

    /// - Parameter moments: the number of operations before the crash.
    init(moments: Int) {
        left = Mutex(moments)
    }

    /// Counts one operation.
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
        // The request budget does not count as an operation.
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

/// After a crash of a voice run at any operation, `voice stop` removes everything.
struct CrashTests {
    enum Surroundings: CaseIterable {
        /// No other member has voice.
        case alone
        /// The bridge belongs to another member and is in use.
        case shared
        /// The service refuses a second bridge.
        case strict
    }

    /// One whole run: a leftover of an earlier run, an offer, an answer, the end.
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

    /// A crash at every operation, and more at random: over 200.
    @Test(arguments: Surroundings.allCases)
    func `after a crash at any moment, stop leaves nothing`(_ surroundings: Surroundings) async throws {
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
            // Several runs in a row, each with the leftovers of the one before.
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
        // A bridge whose id never reached us can only be removed by the service, which does so.
        stage.world.clock.advance(by: .seconds(60))
        #expect(try await stage.leftovers() == before, "death at moment \(moment) \(words)")
    }

    @Test func `only a lost response to a bridge creation leaves a bridge for the service to remove`() async throws {
        var waits: [Int] = []
        for moment in 0..<200 {
            let (stage, before) = try await Self.stage(.alone)
            let life = Mortality(moments: moment)
            await Self.live(stage, life)
            guard life.isDead else { break }
            _ = try await stage.session().close()
            if try await stage.leftovers() != before { waits.append(moment) }
        }
        // Before and after the save of the ledger, for two bridges each.
        #expect(waits.count <= 4, "\(waits)")
        #expect(!waits.isEmpty)
    }
}
