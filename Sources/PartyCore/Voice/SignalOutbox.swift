/// What is to be sent to the members: one message at a time to each, and none waits for another member's. A newer message
/// replaces one that still waits, since only the last says how things are. Pure: what may go out, and when, is decided here.
struct SignalOutbox: Sendable {
    /// A message and its recipient, as the roster names it.
    struct Message: Sendable, Equatable {
        let signal: Signal
        let recipient: Signal.Endpoint
        /// So many requests of the profile's budget are left to others.
        let budgetReserve: Int
    }

    /// What became of a message.
    enum Verdict: Sendable, Equatable {
        case delivered
        case failed(PartyError)
        /// It was not done for sure, and goes out again later, or a newer one in its place.
        case waits(PartyError)
    }

    private struct Lane: Sendable {
        var waiting: Signal?
        var isUnderway = false
        var failures = 0
        var notBefore: Duration = .zero
        var sent = 0
    }

    private var lanes: [Signal.Endpoint: Lane] = [:]
    /// Of so many members it is kept how much was sent to them.
    private static let memory = 128

    /// The first messages to a member are as good as leaving and taking down; later ones leave room for other members.
    static let (smallReserve, largeReserve, firstMessages) = (40, 120, 10)

    /// When a message that has to wait may go out; `nil` where none has to.
    var deadline: Duration? {
        lanes.values.filter { $0.waiting != nil && !$0.isUnderway }.map(\.notBefore).min()
    }

    mutating func put(_ signal: Signal, to recipient: Signal.Endpoint) {
        lanes[recipient, default: Lane()].waiting = signal
    }

    /// Drops what waits for a member who is gone. What was sent still counts when the member comes back.
    mutating func forget(_ recipient: Signal.Endpoint) {
        lanes[recipient]?.waiting = nil
        guard lanes.count > Self.memory else { return }
        lanes = lanes.filter { $0.value.isUnderway || $0.value.waiting != nil }
    }

    /// Takes out what may be sent now; each message taken is to be told to `finish`.
    mutating func takeReady(at now: Duration) -> [Message] {
        var ready: [Message] = []
        for (recipient, lane) in lanes where !lane.isUnderway && lane.notBefore <= now {
            guard let signal = lane.waiting else { continue }
            lanes[recipient]?.waiting = nil
            lanes[recipient]?.isUnderway = true
            lanes[recipient]?.sent += 1
            let reserve = lane.sent < Self.firstMessages ? Self.smallReserve : Self.largeReserve
            ready.append(Message(signal: signal, recipient: recipient, budgetReserve: reserve))
        }
        return ready.sorted { $0.signal.globalSequence < $1.signal.globalSequence }
    }

    /// Notes how sending a message ended.
    mutating func finish(_ message: Message, _ error: PartyError?, at now: Duration) -> Verdict {
        guard var lane = lanes[message.recipient] else { return error.map { .failed($0) } ?? .delivered }
        defer { lanes[message.recipient] = lane }
        lane.isUnderway = false
        guard let error else {
            lane.failures = 0
            return .delivered
        }
        lane.failures += 1
        guard let wait = PostRetry.wait(before: lane.failures, after: error) else {
            lane.failures = 0
            return .failed(error)
        }
        lane.notBefore = now + wait
        lane.waiting = lane.waiting ?? message.signal
        return .waits(error)
    }
}
