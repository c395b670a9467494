import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// One row of the fault matrix (docs/reliability.md): a fault and the output that a user sees.
struct FaultRow: Sendable, CustomTestStringConvertible {
    /// The transport. Both run on the test's clock.
    enum Mount: Sendable {
        case inProcess
        case sockets(LoopbackServer.TLS)
    }

    enum Outcome: Sendable, Equatable {
        /// The stream is not affected.
        case unharmed
        /// The stream connects or reconnects.
        case reconnects
        /// The command ends with this status.
        case ends(Int32)
    }

    /// The text of the page.
    let fault: String
    var mount = Mount.inProcess
    var scenario = Scenario()
    /// The second consumer of the events.
    var taker: StuckTaker.Kind?
    /// The page's "lost" column, if it differs from the usual one of the outcome.
    var lost: String?
    let outcome: Outcome
    /// Whether a stream that stood for a moment is lost before the waits are over.
    var isLostMeanwhile = false
    /// The waits until the outcome, in order.
    var waits: [Duration] = []
    /// Makes the fault: before the first connection, or while the stream is ready.
    let strike: @Sendable (FaultStage) async throws -> Void

    var testDescription: String { fault }

    var isOnSockets: Bool {
        if case .sockets = mount { true } else { false }
    }

    /// The "lost" column of the page.
    var loss: String {
        if let lost { return lost }
        let isFirst = FaultMatrix.connecting.contains { $0.fault == fault }
        return switch outcome {
        case .unharmed: "nothing"
        case .reconnects: isFirst ? "nothing" : "nothing received; missed changes are read back as state"
        case .ends: "–"
        }
    }
}

// The common kinds:

extension FaultRow {
    static let upgrade = "/np/pushNotification"
    static let lookUp = "/np/serveraddr"
    static let advice = [
        (name: "X-PSN-RETRY-INTERVAL-MIN", value: "120"), (name: "X-PSN-RETRY-INTERVAL-MAX", value: "1200"),
    ]

    /// Requests to that path get a status; `times` nil means all of them.
    static func refused(
        _ fault: String, _ path: String, _ response: SimulatedResponse, times: Int? = 1, _ outcome: Outcome,
        after waits: [Duration] = []
    ) -> FaultRow {
        struck(fault, path, .status(response), times: times, outcome, after: waits)
    }

    static func struck(
        _ fault: String, _ path: String, _ action: Fault.Action, times: Int? = 1, _ outcome: Outcome,
        after waits: [Duration] = [], mount: Mount = .inProcess
    ) -> FaultRow {
        FaultRow(fault: fault, mount: mount, outcome: outcome, waits: waits) { stage in
            await stage.service.add(Fault(match: .init(path: path, times: times), action: action))
        }
    }

    /// The service behaves in that way from the start.
    static func behaving(
        _ fault: String, _ outcome: Outcome, after waits: [Duration] = [], action: Fault.Action? = nil,
        isLostMeanwhile: Bool = false, _ change: (inout Scenario) -> Void
    ) -> FaultRow {
        var scenario = Scenario()
        change(&scenario)
        return FaultRow(
            fault: fault, scenario: scenario, outcome: outcome, isLostMeanwhile: isLostMeanwhile, waits: waits
        ) { stage in
            if let action { await stage.service.add(Fault(match: .init(path: upgrade), action: action)) }
        }
    }

    /// A refusal with advice in its body (docs/protocol.md, 7.1).
    static func advising(_ status: Int) -> SimulatedResponse {
        let body = #"{"error":{"code":1,"message":"Bad Request","retryIntervalMin":120,"retryIntervalMax":180}}"#
        return SimulatedResponse(status: status, body: Array(body.utf8))
    }

    /// The network fails for these attempts, then works.
    static func network(
        _ fault: String, requests: [TransportError] = [], upgrades: [TransportError] = [], _ outcome: Outcome,
        after waits: [Duration]
    ) -> FaultRow {
        FaultRow(fault: fault, outcome: outcome, waits: waits) { stage in
            stage.trouble.fail(requests: requests, upgrades: upgrades)
        }
    }

    /// The service sends something down the open stream, over real sockets.
    static func sent(
        _ fault: String, _ outputs: [SimulatedPushOutput], _ outcome: Outcome, lost: String? = nil
    ) -> FaultRow {
        FaultRow(
            fault: fault, mount: .sockets(.valid), lost: lost, outcome: outcome
        ) { stage in
            for output in outputs { await stage.service.push(output, to: "A") }
        }
    }

    static func response(
        _ status: Int, _ headers: [(name: String, value: String)] = []
    ) -> SimulatedResponse {
        SimulatedResponse(status: status, headers: headers)
    }
}
