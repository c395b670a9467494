import Foundation
import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Synchronization
import Testing

@testable import psparty

/// A running `listen`, and everything that a fault may change.
final class FaultStage: Sendable {
    /// The data types of test frames: those that mark the start and the end of a row, and others.
    static let mark = "psn:test:mark"
    static let life = "psn:test:life"

    let harness: CommandHarness
    let trouble: TroubledTransport
    let taker: StuckTaker?
    private let server: LoopbackServer?
    private let valve: Valve?
    private let variables = Mutex<[String: String]>([:])
    private let entered = Mutex<PartyID?>(nil)
    private let party: PartyClient

    var service: SimulatedService { harness.world.service }
    var clock: ManualClock { harness.world.clock }

    init(_ row: FaultRow) async throws {
        harness = CommandHarness(row.scenario, clock: ManualClock())
        taker = try row.taker.map { try StuckTaker($0) }
        party = try await harness.world.signedIn(0)
        guard case .sockets(let tls) = row.mount else {
            (server, valve) = (nil, nil)
            trouble = TroubledTransport(harness.world.transport)
            await harness.signIn(0)
            return
        }
        let server = try await LoopbackServer.start(service: harness.world.service, identity: .init(tls))
        let valve = try Valve(to: server.port)
        (self.server, self.valve) = (server, valve)
        trouble = TroubledTransport(
            LiveTransport(LiveTransportOptions(caFile: server.caFile, environment: [:], userAgent: "psparty-test")))
        let origin = "https://127.0.0.1:\(valve.port)"
        set("PSPARTY_SERVER", origin)
        await harness.signIn(0, server: origin)
    }

    func stop() {
        valve?.stop()
        server?.stop()
    }

    /// Before the command starts.
    func set(_ variable: String, _ value: String) {
        variables.withLock { $0[variable] = value }
    }

    static func frame(_ number: String, _ type: String = FaultStage.life) -> [UInt8] {
        Array(#"{"version":"3.0","method":3001,"dataType":"\#(type)","body":{"data":{"number":"\#(number)"}}}"#.utf8)
    }

    // Actions of a fault:

    /// Ends a sleep of exactly that length.
    func pass(_ wait: Duration) async {
        await sleeper(dueIn: wait)
        clock.advance(by: wait)
    }

    func sleeper(dueIn wait: Duration) async {
        await clock.sleeper(dueIn: wait)
        let deadlines = clock.deadlines
        if !deadlines.contains(clock.uptime + wait) {
            Issue.record("at \(clock.uptime) nobody sleeps for \(wait), but until \(deadlines)")
        }
    }

    /// Advances from the party's creation to the refresh of a token that lives for 20 s.
    func passToRenewal() async {
        await pass(.milliseconds(13_200))
    }

    /// Sends a frame and waits until it is printed.
    func beat() async throws {
        let before = count(of: Self.life)
        await service.push(.text(Self.frame("beat")), to: "A")
        try await wait(for: "a frame") { self.count(of: Self.life) > before }
    }

    /// Makes the push connection silent, which is the second after that of the requests.
    func silencePush() { valve?.shut(2) }

    func sees(_ text: String) async throws {
        try await wait(for: text) { self.harness.printed.contains(text) }
    }

    func complains(_ text: String) async throws {
        try await wait(for: text) { self.harness.complained.contains(text) }
    }

    /// Renames the party.
    func rename(_ id: PartyID) async throws { _ = try await party.edit(id, .name("renamed")) }

    /// Renames the party during the outage, before the reconnect.
    func renameWhileAway(_ id: PartyID) -> Task<Void, any Error> {
        trouble.hold(FaultRow.lookUp)
        return Task {
            defer { trouble.letGo() }
            try await sees(#""type":"stream.lost""#)
            try await rename(id)
        }
    }

    /// Changes a setting that no row changes otherwise.
    func resize() async throws {
        guard let id = entered.withLock({ $0 }) else { return }
        try await party.edit(id, .maxMembers(8))
    }

    /// Another account joins.
    func joinFriend() async throws {
        guard let id = entered.withLock({ $0 }) else { return }
        _ = try await harness.world.signedIn(1).join(.id(id), voice: false)
    }

    /// Advances by the shortest interval between two comparisons, so that the next one is not delayed.
    func passToComparison() async throws {
        await pass(.seconds(9))
        try await sees("stream.resynced")
    }

    /// After incomplete events a comparison follows one second later. From there it is 28 s to the next ping.
    func enterParty() async throws -> PartyID {
        // Waits for the first comparison, which might include the change or not.
        await sleeper(dueIn: .seconds(600))
        let id = try await party.create(NewParty())
        entered.withLock { $0 = id }
        await pass(.seconds(1))
        try await sees("party.updated")
        if clock.uptime == .seconds(1) { await pass(.seconds(1)) }
        return id
    }

    // The command:

    func start(_ options: String...) -> Task<CommandResult, Never> {
        let variables = variables.withLock { $0 }
        let words = ["listen", "--lifecycle", "--timeout", "1000h"] + (taker?.options ?? []) + options
        return Task { [harness, trouble] in
            await harness.run(words, variables: variables, transport: trouble)
        }
    }

    func mark(_ name: String) async throws {
        await service.push(.text(Self.frame(name, Self.mark)), to: "A")
        try await sees(#""data":{"number":"\#(name)"}"#)
    }

    private func wait(for what: String, _ isSo: @escaping @Sendable () -> Bool) async throws {
        do {
            try await eventually(.seconds(60), what) { isSo() }
        } catch {
            let types = Self.types(harness.printed)
            throw DeadlinePassed(description: "\(error); so far \(types), \(harness.complained), \(clock.deadlines)")
        }
    }

    private func count(of text: String) -> Int { harness.printed.components(separatedBy: text).count - 1 }

    /// Waits until the stream is ready and, after a loss, compared.
    func isWhole() async throws {
        try await wait(for: "a whole stream") {
            let types = Self.types(self.harness.printed)
            guard let last = types.last else { return false }
            let wasConnected = types.prefix { $0 != "stream.lost" }.contains("stream.connected")
            let wasLost = wasConnected && types.contains("stream.lost")
            return last == (wasLost ? "stream.resynced" : "stream.ready")
        }
    }

    /// The event types of the lines, without the marker frames.
    static func types(_ printed: String) -> [String] {
        printed.split(separator: "\n").compactMap { line in
            guard !line.contains(life), let json = try? JSONDocument(Array(line.utf8)).root else { return nil }
            return json["type"]?.string
        }
    }
}
