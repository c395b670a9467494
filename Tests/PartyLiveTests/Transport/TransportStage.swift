import Foundation
import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

/// All tests of the transports. One after the other: they measure times, and all push connections share one thread.
@Suite(.serialized) struct TransportTests {}

/// A simulated service with a transport on it, for one test.
struct TransportStage: Sendable {
    enum Mount: Sendable, CaseIterable {
        case inProcess, live
    }

    let service: SimulatedService
    let transport: any Transport
    /// `host:port`.
    let authority: String
    let caFile: String?
    let token: String

    static func run(
        _ mount: Mount = .live, _ scenario: Scenario = Scenario(), tls: LoopbackServer.TLS = .valid,
        environment: [String: String] = [:], _ body: (TransportStage) async throws -> Void
    ) async throws {
        let clock = ManualClock(isInstant: true)
        let service = SimulatedService(scenario: scenario)
        let token = try #require(await service.mintTokens(accountId: "A")).access
        guard mount == .live else {
            let transport = InProcessTransport(service, clock: clock.partyClock)
            let stage = TransportStage(
                service: service, transport: transport, authority: "simulator.test", caFile: nil, token: token)
            return try await body(stage)
        }
        let server = try await LoopbackServer.start(service: service, identity: LoopbackServer.Identity(tls))
        defer { server.stop() }
        try await body(
            TransportStage(
                service: service, transport: live(server.caFile, environment), authority: "127.0.0.1:\(server.port)",
                caFile: server.caFile, token: token))
    }

    static func live(_ caFile: String?, _ environment: [String: String] = [:]) -> LiveTransport {
        LiveTransport(LiveTransportOptions(caFile: caFile, environment: environment, userAgent: "psparty-test"))
    }

    static let account = "/api/v1/devices/accounts/me"
    static let lookup = "/np/serveraddr?version=2.1&keepAliveStatusType=3&fields=keepAliveStatus"

    func get(_ path: String = account, timeout: Duration = .seconds(30)) -> RESTRequest {
        RESTRequest(
            .get, "https://\(authority)\(path)", headers: [HeaderField("Authorization", "Bearer \(token)")],
            timeout: timeout)
    }

    func push(timeout: Duration = .seconds(10), maximumFrame: Int = 1 << 20) -> PushRequest {
        let fields = [
            ("Authorization", "Bearer \(token)"), ("X-PSN-PROTOCOL-VERSION", "2.1"),
            ("X-PSN-KEEP-ALIVE-STATUS-TYPE", "3"), ("X-PSN-APP-TYPE", "TEST"), ("X-PSN-APP-VER", "1"),
            ("X-PSN-OS-VER", "1"), ("X-PSN-RECONNECTION", "false"),
        ]
        return PushRequest(
            url: "wss://\(authority)/np/pushNotification", headers: fields.map { HeaderField($0.0, $0.1) },
            subprotocol: "np-pushpacket", timeout: timeout, maximumFrame: maximumFrame)
    }

    /// An open push connection of version 2.1, which needs no status frame.
    func openPush(_ request: PushRequest? = nil) async throws -> OpenPush {
        _ = try await send(get(Self.lookup))
        return OpenPush(try await open(request ?? push()))
    }

    /// With a deadline, so that a transport that hangs fails only this test.
    func send(_ request: RESTRequest) async throws -> RESTResponse {
        try await within(.seconds(20), "the answer") { [transport] in try await transport.send(request) }
    }

    func open(_ request: PushRequest) async throws -> PushConnection {
        try await within(.seconds(20), "the upgrade") { [transport] in try await transport.openPush(request) }
    }

    /// The error that `send` fails with.
    func failure(_ request: RESTRequest) async throws -> TransportError {
        try await transportError { [self] in _ = try await send(request) }
    }

    func failure(_ request: PushRequest) async throws -> TransportError {
        try await transportError { [self] in _ = try await open(request) }
    }

    /// Adds a fault for the next request to that path.
    func fault(_ path: String, _ action: Fault.Action, delayMilliseconds: Int = 0) async {
        await service.add(Fault(match: .init(path: path), action: action, delayMilliseconds: delayMilliseconds))
    }

    /// The close codes of the clients so far; `nil` for a connection that ended without one.
    func closeCodes() async throws -> [Int?] {
        let reply = await service.respond(to: SimulatedRequest(method: "GET", target: "/_sim/state"))
        guard case .answer(let response) = reply else { return [] }
        let state = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        let ended = state?["endedSockets"] as? [[String: Any]] ?? []
        return ended.map { $0["code"] as? Int }
    }
}

/// The error of a transport.
func transportError(_ body: @escaping @Sendable () async throws -> Void) async throws -> TransportError {
    do {
        try await within(.seconds(20), "an error", body)
    } catch let error as TransportError {
        return error
    }
    throw DeadlinePassed(description: "there was no error")
}

/// An open push connection and its arrivals, in order.
struct OpenPush: Sendable {
    let connection: PushConnection
    private let tape = Tape<PushArrival>()
    private let taken = Tape<Void>()
    /// The number of signs of life of incomplete messages.
    let signs = Tape<Void>()

    init(_ connection: PushConnection) {
        self.connection = connection
        let (tape, signs) = (tape, signs)
        connection.arrivals.receive { batch in
            for arrival in batch {
                // The number of signs of life of a slow message depends on the machine.
                if arrival == .activity {
                    signs.append(())
                    continue
                }
                tape.append(arrival)
                if case .closed = arrival { tape.end() }
            }
        }
    }

    /// `nil` at the end of the stream.
    func next() async throws -> PushArrival? {
        let index = taken.count
        taken.append(())
        return try await within(.seconds(10), "something over the push socket") { [tape] in
            try await tape.value(at: index)
        }
    }

    func next(_ count: Int) async throws -> [PushArrival] {
        var arrivals: [PushArrival] = []
        while arrivals.count < count, let arrival = try await next() { arrivals.append(arrival) }
        return arrivals
    }

    /// The end, after which nothing follows.
    func closure() async throws -> PushClosure? {
        guard case .closed(let closure) = try await next() else { return nil }
        return try await next() == nil ? closure : nil
    }
}
