import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

/// One row of the fault matrix (docs/reliability.md): what goes wrong, and what a user sees of it.
struct FaultRow: Sendable, CustomTestStringConvertible {
    /// What carries the bytes. Time is the test's own on both.
    enum Mount: Sendable {
        case inProcess
        case sockets(LoopbackServer.TLS)
    }

    enum Outcome: Sendable, Equatable {
        /// The stream goes on as if nothing were.
        case unharmed
        /// It comes to stand, or to stand again.
        case comesBack
        /// The command ends with this status.
        case ends(Int32)
    }

    /// In the words of the page.
    let fault: String
    var mount = Mount.inProcess
    var scenario = Scenario()
    /// Who else takes what is printed.
    var taker: StuckTaker.Kind?
    /// A line of the page that is not the rule for its outcome.
    var lost: String?
    let outcome: Outcome
    /// Whether a stream that stood for a moment is lost before the waits are over.
    var isLostMeanwhile = false
    /// The waits until then, each as it is slept.
    var waits: [Duration] = []
    /// The fault itself: before the first connection, or on a stream that stands.
    let strike: @Sendable (FaultStage) async throws -> Void

    var testDescription: String { fault }

    var isOnSockets: Bool {
        if case .sockets = mount { true } else { false }
    }

    /// What is lost, for the page.
    var loss: String {
        if let lost { return lost }
        let isFirst = FaultMatrix.connecting.contains { $0.fault == fault }
        return switch outcome {
        case .unharmed: "nothing"
        case .comesBack: isFirst ? "nothing" : "nothing received; what was missed comes back as state"
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

    /// Requests of that path are answered with a status; `times` is nil for all of them.
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

    /// The network fails before it works.
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
