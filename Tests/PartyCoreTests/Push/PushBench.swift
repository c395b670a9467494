import PartyCore
import Testing

/// A push machine and its clock.
struct PushBench {
    var machine: PushMachine
    var now: Duration = .seconds(1000)

    init(_ edit: (inout PushMachine.Policy) -> Void = { _ in }) {
        var policy = PushMachine.Policy()
        edit(&policy)
        machine = PushMachine(policy)
    }

    mutating func callAsFunction(_ input: PushMachine.Input, fraction: Double = 0.5) -> [PushMachine.Action] {
        machine.handle(input, at: now, fraction: fraction)
    }

    /// Advances to the machine's deadline and reports it.
    mutating func tickAtDeadline() -> [PushMachine.Action] {
        now = machine.deadline ?? now
        return self(.ticked)
    }

    /// From a wait or from the start to the open socket that has answered its first ping.
    mutating func connect(_ address: PushAddress) {
        _ = machine.deadline == nil ? self(.started(advised: nil)) : tickAtDeadline()
        _ = self(.addressFound(address))
        _ = self(.opened(renewIn: nil))
        _ = self(.arrived)
    }
}

/// The inputs of push machines in these tests.
enum PushSample {
    static func address(_ dialect: PushDialect = .current, _ keepAlive: String = "") throws -> PushAddress {
        let body = #"{"fqdn":"x.playstation.net","keepAliveStatus":{\#(keepAlive)}}"#
        return try PushAddress(Array(body.utf8), dialect: dialect, hosts: ServiceHosts())
    }

    static func failure(_ kind: PartyError.Kind, status: Int? = nil) -> PartyError {
        PartyError(kind, "push failed: x", step: "push", status: status)
    }

    static let broken = PushClosure.failed(TransportError(.brokenOff, .exchange, "reset"))
}

extension PushMachine.Action {
    var isRetrying: Bool {
        if case .report(.retrying) = self { true } else { false }
    }
}
