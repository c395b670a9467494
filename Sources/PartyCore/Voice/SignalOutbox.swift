/// The messages to the members: one at a time to each, independent of other members. A newer message
/// replaces a waiting one, since only the last one is current. Pure: decides which messages may be sent, and when.
struct SignalOutbox: Sendable {
    /// A message and its recipient, as the roster names it.
    struct Message: Sendable, Equatable {
        let signal: Signal
        let recipient: Signal.Endpoint
        /// How many requests of the profile's budget must remain for others.
        let budgetReserve: Int
    }

    /// The result of sending a message.
    enum Verdict: Sendable, Equatable {
        case delivered
        case failed(PartyError)
        /// It was certainly not delivered, and is sent again later, or a newer one instead.
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
    /// For how many members the number of messages is kept.
    private static let memory = 128

    /// The first messages to a member are as important as leaving; later ones leave room for other members.
    static let (smallReserve, largeReserve, firstMessages) = (40, 120, 10)

    /// When a waiting message may be sent; `nil` if none waits.
    var deadline: Duration? {
        lanes.values.filter { $0.waiting != nil && !$0.isUnderway }.map(\.notBefore).min()
    }

    mutating func put(_ signal: Signal, to recipient: Signal.Endpoint) {
        lanes[recipient, default: Lane()].waiting = signal
    }

    /// Drops the waiting messages to a member who left. Sent ones still count when the member returns.
    mutating func forget(_ recipient: Signal.Endpoint) {
        lanes[recipient]?.waiting = nil
        guard lanes.count > Self.memory else { return }
        lanes = lanes.filter { $0.value.isUnderway || $0.value.waiting != nil }
    }

    /// Removes and returns the offer to a member that is not sent yet: an offer of the member has arrived and takes its place.
    mutating func withdrawOffer(to recipient: Signal.Endpoint) -> Signal? {
        guard let signal = lanes[recipient]?.waiting, signal.kind == .offer else { return nil }
        lanes[recipient]?.waiting = nil
        return signal
    }

    /// Removes and returns the messages that may be sent now. Each must be reported to `finish`.
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

    /// Records the result of sending a message.
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
