/// What the engine has not been told yet since it does not read. Of each peer only what still counts is kept, so that it
/// stays small however long the engine is busy. Pure: the caller sends.
struct EngineBacklog: Sendable {
    /// An engine that reads nothing for so long, with the pipe full, is broken.
    static let patience: Duration = .seconds(60)
    private static let pause: Duration = .milliseconds(100)

    private(set) var waiting: [EngineMessage] = []
    private var stuckSince: Duration?
    private var nextTry: Duration?

    /// When `flush` is due again.
    var deadline: Duration? { nextTry }

    /// Puts a message behind the others. It replaces those of the same peer that mean nothing any more.
    mutating func put(_ message: EngineMessage) {
        waiting.removeAll { message.replaces($0) }
        waiting.append(message)
    }

    /// Hands on as much as is taken.
    /// - Parameter send: `false` where the engine takes no more at present.
    /// - Returns: whether the engine may be waited for.
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
        // An offer of theirs voids one of the engine's, and a later one an earlier one.
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
