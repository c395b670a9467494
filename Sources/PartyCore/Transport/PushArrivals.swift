internal import Synchronization

/// The way of what comes over a push socket to whoever receives it: waits until somebody does, and keeps its order.
public final class PushArrivals: Sendable {
    /// Gets what is handed on at a time. It is called where that is done, on the socket's own thread, and must not block.
    package typealias Receiver = @Sendable ([PushArrival]) -> Void

    private struct State {
        var waiting: [[PushArrival]] = []
        var receiver: Receiver?
        /// The receiver is getting what has waited: what comes now is behind that.
        var isCatchingUp = false
        var hasEnded = false
    }

    private let state = Mutex(State())

    /// An empty queue.
    public init() {}

    /// Hands on what came, from one thread at a time. After `.closed` nothing more is handed on.
    public func put(_ arrivals: [PushArrival]) {
        let receiver = state.withLock { state -> Receiver? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = arrivals.isClosed
            guard let receiver = state.receiver, !state.isCatchingUp else {
                state.waiting.append(arrivals)
                return nil
            }
            // It is not kept beyond the end: it may well keep us.
            if state.hasEnded { state.receiver = nil }
            return receiver
        }
        receiver?(arrivals)
    }

    /// Has `receiver` get all that waits, before this returns, and all that comes. Only the first receiver counts.
    package func receive(_ receiver: @escaping Receiver) {
        let isFirst = state.withLock { state in
            guard state.receiver == nil else { return false }
            state.receiver = receiver
            state.isCatchingUp = true
            return true
        }
        guard isFirst else { return }
        while true {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                guard state.waiting.isEmpty else { return state.waiting }
                state.isCatchingUp = false
                if state.hasEnded { state.receiver = nil }
                return []
            }
            guard !waiting.isEmpty else { return }
            for arrivals in waiting { receiver(arrivals) }
        }
    }
}

extension [PushArrival] {
    /// Whether the last of them is the end.
    var isClosed: Bool { if case .closed? = last { true } else { false } }
}
