import PartyCore

/// Names and messages for tests of the negotiation.
enum VoiceSample {
    static let me = endpoint(1_000_000_000_000_000_002)
    static let smaller = endpoint(1_000_000_000_000_000_001, .ps5)
    static let larger = endpoint(1_000_000_000_000_000_003, .ps5)

    static func endpoint(_ number: UInt64, _ platform: Platform = .mobileApp) -> Signal.Endpoint {
        Signal.Endpoint(accountID: AccountID(number), platform: platform)
    }

    static func signal(
        _ kind: Signal.Kind, from: Signal.Endpoint, _ sdp: String = "theirs", global: Int64 = 1, sequence: String = "1"
    ) -> Signal {
        Signal(from: from, to: me, kind: kind, sdp: sdp, globalSequence: global, sdpSequence: sequence)
    }
}

/// A negotiation and its clock.
struct VoiceBench {
    var negotiation: Negotiation
    var now: Duration = .seconds(1000)

    init(_ edit: (inout Negotiation.Policy) -> Void = { _ in }) {
        var policy = Negotiation.Policy()
        edit(&policy)
        negotiation = Negotiation(me: VoiceSample.me, policy: policy)
    }

    mutating func callAsFunction(_ input: Negotiation.Input) -> [Negotiation.Action] {
        negotiation.handle(input, at: now)
    }

    mutating func arrive(
        _ kind: Signal.Kind, from: Signal.Endpoint, _ sdp: String = "theirs", global: Int64 = 1, sequence: String = "1"
    ) -> [Negotiation.Action] {
        let signal = VoiceSample.signal(kind, from: from, sdp, global: global, sequence: sequence)
        return self(.signalArrived(ReceivedSignal(signal: signal, oddities: [])))
    }

    mutating func engine(_ message: EngineMessage) -> [Negotiation.Action] {
        self(.engineSaid(message))
    }

    /// Makes the engine answer, and delivers the answer.
    mutating func answer(_ peer: Signal.Endpoint, _ sdp: String = "ours") -> [Negotiation.Action] {
        var actions = engine(.answer(.member(peer), sdp: sdp))
        for case .send(let signal, _) in actions { actions += self(.delivered(signal)) }
        return actions
    }

    /// Advances to the negotiation's deadline and reports it.
    mutating func tickAtDeadline() -> [Negotiation.Action] {
        now = negotiation.deadline ?? now
        return self(.ticked)
    }

    /// The message that goes to one member.
    static func sent(
        _ kind: Signal.Kind, to: Signal.Endpoint, _ sdp: String = "ours", global: Int64 = 1, sequence: String = "1"
    ) -> Negotiation.Action {
        let signal = Signal(
            from: VoiceSample.me, to: to, kind: kind, sdp: sdp, globalSequence: global, sdpSequence: sequence)
        return .send(signal, to: to)
    }
}
