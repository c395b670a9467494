/// Messages that wait because the engine does not read. Only those that still count are kept for each peer, so that it
/// stays small however long the engine is busy. Pure: the caller sends.
struct EngineBacklog: Sendable {
    /// An engine that reads nothing for this time, with the pipe full, has failed.
    static let patience: Duration = .seconds(60)
    private static let pause: Duration = .milliseconds(100)

    private(set) var waiting: [EngineMessage] = []
    private var stuckSince: Duration?
    private var nextTry: Duration?

    /// When `flush` is due again.
    var deadline: Duration? { nextTry }

    /// Appends a message. It replaces messages of the same peer that it makes void.
    mutating func put(_ message: EngineMessage) {
        waiting.removeAll { message.replaces($0) }
        waiting.append(message)
    }

    /// Sends as much as the engine takes.
    /// - Parameter send: `false` if the engine takes no more at present.
    /// - Returns: whether to go on waiting for the engine.
    mutating func flush(at now: Duration, _ send: (EngineMessage) -> Bool) -> Bool {
        var taken = 0
        for message in waiting {
            guard send(message) else { break }
            taken += 1
        }
        waiting.removeFirst(taken)
        guard !waiting.isEmpty else {
            (stuckSince, nextTry) = (nil, nil)
            return true
        }
        if taken > 0 || stuckSince == nil { stuckSince = now }
        nextTry = now + Self.pause
        return now - (stuckSince ?? now) < Self.patience
    }
}

extension EngineMessage {
    /// Whether another message that waits is void with this one.
    fileprivate func replaces(_ other: EngineMessage) -> Bool {
        guard let peer, peer == other.peer else { return false }
        switch (self, other) {
        // An offer of the peer makes one of the engine void, and a later one an earlier one.
        case (.offer, .offer), (.offer, .wantOffer), (.offer, .answer): return true
        case (.wantOffer, .wantOffer): return true
        case (.bye, .offer), (.bye, .wantOffer), (.bye, .answer), (.bye, .bye): return true
        default: return false
        }
    }

    private var peer: VoicePeer? {
        switch self {
        case .hello: nil
        case .wantOffer(let peer), .offer(let peer, _), .answer(let peer, _), .bye(let peer): peer
        }
    }
}
