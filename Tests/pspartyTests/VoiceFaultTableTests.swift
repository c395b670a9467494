import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Synchronization
import Testing

@testable import psparty

/// Faults × the requests of the voice commands: exit status, number of requests, remaining state.
@Suite struct VoiceFaultTableTests {
    /// A request that opens, signals or removes something, and the command that sends it.
    enum Deed: String, Sendable, CaseIterable {
        case make, link, place, answer, signal, leavePlace, removeBridge

        var command: [String] {
            switch self {
            case .make, .link, .place: ["voice", "offer"]
            case .answer: ["voice", "answer", "--sdp", "-"]
            case .signal: ["voice", "signal", "--to", "psparty-user-b", "--type", "offer", "--sdp", "-"]
            case .leavePlace, .removeBridge: ["voice", "stop"]
            }
        }

        var method: String { self == .leavePlace || self == .removeBridge ? "DELETE" : "POST" }

        /// Whether a URL or target is that of the request.
        func isRequest(_ target: String) -> Bool {
            let path = target.split(separator: "?")[0].split(separator: "/").map(String.init)
            let (last, before) = (path[path.count - 1], path[path.count - 2])
            switch self {
            case .make: return last == "bridges" && before == "v1"
            case .link: return last == "bridges" && path.contains("partySessions")
            case .place: return last == "peers"
            case .answer: return last == "answer"
            case .signal: return last == "customMessage"
            case .leavePlace: return before == "peers"
            case .removeBridge: return before == "bridges"
            }
        }

        /// The match of a fault that affects this request and none before it.
        func match(_ times: Int?) -> Fault.Match {
            switch self {
            case .make: Fault.Match(method: method, path: "/api/rtcBridge/v1/bridges", times: times)
            case .link: Fault.Match(method: method, path: "/api/sessionManager", times: times)
            case .place: Fault.Match(method: method, path: "peers?", times: times)
            case .answer: Fault.Match(method: method, path: "answer", times: times)
            case .signal: Fault.Match(method: method, path: "customMessage", times: times)
            case .leavePlace: Fault.Match(method: method, path: "peers/", times: times)
            case .removeBridge:
                // The peer is removed first; a fault of the bridge does not match that request.
                Fault.Match(method: method, path: "/api/rtcBridge", skip: 1, times: times)
            }
        }
    }

    enum Trouble: String, Sendable, CaseIterable {
        case expiredToken, tooManyOnce, tooManyForGood, brokenOnce, brokenForGood, lostAnswer, timeout, refusedOnce
        case refusedForGood

        var action: Fault.Action? {
            switch self {
            case .expiredToken: .expireAccessTokens
            case .tooManyOnce, .tooManyForGood:
                .status(SimulatedResponse(status: 429, headers: [(name: "Retry-After", value: "1")]))
            case .brokenOnce, .brokenForGood: .status(SimulatedResponse(status: 500))
            case .lostAnswer, .timeout: .drop
            case .refusedOnce, .refusedForGood: nil
            }
        }

        var isForGood: Bool { [.tooManyForGood, .brokenForGood, .refusedForGood].contains(self) }
    }

    /// The voice state in the profile's ledger and at the service. In the ledger `unknown` is a requested bridge and
    /// `bridge` one without a peer; at the service `1` and `1 answered` are a bridge with one peer.
    struct Outcome: Sendable, Equatable, CustomStringConvertible {
        var status: Int32
        /// The number of requests at the service.
        var came: Int
        var ledger = ""
        var service = ""

        var description: String { "exit \(status), \(came) came, ledger: \(ledger), service: \(service)" }
    }

    private static func expected(_ effect: Deed, _ trouble: Trouble) -> Outcome {
        switch effect {
        case .make, .link, .place: offering(effect, trouble)
        case .answer, .signal: telling(effect, trouble)
        case .leavePlace, .removeBridge: stopping(effect, trouble)
        }
    }

    private static func offering(_ effect: Deed, _ trouble: Trouble) -> Outcome {
        switch trouble {
        case .expiredToken, .tooManyOnce, .brokenOnce: Outcome(status: 0, came: 2, ledger: "placed", service: "1")
        case .refusedOnce: Outcome(status: 0, came: 1, ledger: "placed", service: "1")
        case .tooManyForGood: Outcome(status: 6, came: 3)
        // The bridge may exist, but only the lost response has its id.
        case .brokenForGood: Outcome(status: 7, came: 3, ledger: effect == .make ? "unknown" : "")
        case .timeout: Outcome(status: 7, came: 1, ledger: effect == .make ? "unknown" : "")
        case .lostAnswer where effect == .make: Outcome(status: 7, came: 1, ledger: "unknown", service: "0")
        // Read back: the session has the bridge, the bridge has the peer.
        case .lostAnswer: Outcome(status: 0, came: 1, ledger: "placed", service: "1")
        case .refusedForGood: Outcome(status: 7, came: 0)
        }
    }

    /// Neither can be read back, so a request that may have arrived is not sent again. An answer that was refused for now
    /// or did not arrive is sent again; a message is not, the user decides.
    private static func telling(_ effect: Deed, _ trouble: Trouble) -> Outcome {
        var outcome = Outcome(status: 7, came: 1, ledger: "placed", service: "1")
        let isAnswer = effect == .answer
        switch trouble {
        case .expiredToken:
            outcome = Outcome(status: 0, came: 2, ledger: "answered", service: "1 answered")
        case .tooManyOnce where isAnswer, .refusedOnce where isAnswer:
            outcome = Outcome(status: 0, came: 2, ledger: "answered", service: "1 answered")
            if trouble == .refusedOnce { outcome.came = 1 }
        case .tooManyForGood where isAnswer: (outcome.status, outcome.came) = (6, 3)
        case .tooManyOnce, .tooManyForGood: outcome.status = 6
        case .brokenOnce, .brokenForGood, .timeout: break
        case .lostAnswer: outcome.service = "1 answered"
        case .refusedOnce, .refusedForGood: outcome.came = 0
        }
        if effect == .signal { (outcome.ledger, outcome.service) = ("", "") }
        return outcome
    }

    private static func stopping(_ effect: Deed, _ trouble: Trouble) -> Outcome {
        // Deleting the bridge also removes the peer whose removal failed.
        if effect == .leavePlace, trouble.isForGood {
            return Outcome(status: 0, came: trouble == .refusedForGood ? 0 : 3)
        }
        return switch trouble {
        case .expiredToken, .tooManyOnce, .brokenOnce, .lostAnswer, .timeout: Outcome(status: 0, came: 2)
        case .refusedOnce: Outcome(status: 0, came: 1)
        case .tooManyForGood: Outcome(status: 6, came: 3, ledger: "bridge", service: "0")
        case .brokenForGood: Outcome(status: 7, came: 3, ledger: "bridge", service: "0")
        case .refusedForGood: Outcome(status: 7, came: 0, ledger: "bridge", service: "0")
        }
    }

    @Test(arguments: Deed.allCases, Trouble.allCases)
    func `each fault leads to its status, requests and state`(effect: Deed, trouble: Trouble) async throws {
        let harness = CommandHarness(random: { .live })
        await harness.signIn(0)
        await harness.signIn(1, profile: "bob")
        let party = String(await harness.run("create").stdout.dropLast())
        #expect(await harness.run("join", party, "--profile", "bob").status == 0)
        if ["answer", "stop"].contains(effect.command[1]) { #expect(await harness.run("voice", "offer").status == 0) }
        let service = harness.world.service
        await service.clearRequests()
        if let action = trouble.action {
            let match = effect.match(trouble.isForGood ? nil : 1)
            await service.add(Fault(match: match, action: action, isProcessed: trouble == .lostAnswer))
        }
        let refusals = trouble == .refusedForGood ? Int.max : (trouble == .refusedOnce ? 1 : 0)
        let network = RefusingNetwork(harness.world.transport, effect, times: refusals)
        let result = await harness.run(effect.command, input: ["v=0\r", "s=x\r"], transport: network)
        let came = await service.requests().filter { $0.method == effect.method && effect.isRequest($0.target) }.count
        if !trouble.isForGood { #expect(try await state(harness)["faults"]?.integer == 0, "the fault has struck") }
        await service.clearFaults()
        let outcome = Outcome(
            status: result.status, came: came, ledger: try await ledger(harness),
            service: try await bridges(harness))
        #expect(outcome == Self.expected(effect, trouble), "\(result.stderr)")
        #expect(result.status == 0 || result.stderr.hasPrefix("psparty: ") || effect.command[1] == "stop")
        if effect == .signal { try await expectNextNumber(harness) }
        try await expectCleanEnd(harness)
    }

    /// A number that was used for a message that may have arrived is not used again.
    private func expectNextNumber(_ harness: CommandHarness) async throws {
        let next = await harness.run(Deed.signal.command + ["--json"], input: ["v=0\r", "s=x\r"])
        #expect(try JSONDocument(Array(next.stdout.utf8)).root.elements.map { $0["globalSequence"]?.integer } == [2])
    }

    /// `voice stop` removes everything with a known id; the service removes the rest.
    private func expectCleanEnd(_ harness: CommandHarness) async throws {
        #expect(await harness.run("voice", "stop").status == 0)
        harness.world.clock.advance(by: .seconds(60))
        #expect(try await ledger(harness) == "")
        #expect(try await bridges(harness) == "")
    }

    private func ledger(_ harness: CommandHarness) async throws -> String {
        let text = await harness.run("voice", "status", "--json").stdout
        return try JSONDocument(Array(text.utf8)).root.elements.map { attachment in
            if attachment["bridgeId"]?.string == nil { return "unknown" }
            if attachment["peerId"]?.string == nil { return "bridge" }
            return attachment["answered"]?.bool == true ? "answered" : "placed"
        }.joined(separator: ", ")
    }

    private func state(_ harness: CommandHarness) async throws -> JSONView {
        let request = RESTRequest(.get, InProcessTransport.origin + "/_sim/state")
        return try JSONDocument(try await harness.world.transport.send(request).body).root
    }

    private func bridges(_ harness: CommandHarness) async throws -> String {
        try #require(try await state(harness)["bridges"]).elements.map { bridge in
            let peers = bridge["peers"]?.elements ?? []
            let isAnswered = peers.contains { $0["answered"]?.bool == true }
            return "\(peers.count)" + (isAnswered ? " answered" : "")
        }.joined(separator: ", ")
    }
}

/// A network that refuses the connections for one request, a number of times.
private final class RefusingNetwork: Transport {
    private let base: any Transport
    private let effect: VoiceFaultTableTests.Deed
    private let left: Mutex<Int>

    init(_ base: any Transport, _ effect: VoiceFaultTableTests.Deed, times: Int) {
        self.base = base
        self.effect = effect
        left = Mutex(times)
    }

    func send(_ request: RESTRequest) async throws(TransportError) -> RESTResponse {
        let isRefused = left.withLock { left in
            guard left > 0, request.method.rawValue == effect.method, effect.isRequest(request.url) else {
                return false
            }
            left -= 1
            return true
        }
        if isRefused { throw TransportError(.unreachable, .connecting, "connection refused") }
        return try await base.send(request)
    }

    func openPush(_ request: PushRequest) async throws(TransportError) -> PushConnection {
        try await base.openPush(request)
    }
}
