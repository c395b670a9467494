internal import Synchronization

/// The queue between a push socket and its receiver. What arrives waits until there is a receiver, and keeps its order.
public final class PushArrivals: Sendable {
    /// Gets what arrived at a time. It runs on the socket's own thread and must not block.
    package typealias Receiver = @Sendable ([PushArrival]) -> Void

    private struct State {
        var waiting: [[PushArrival]] = []
        var receiver: Receiver?
        /// Gets the first arrivals that wait, which then still wait.
        var observer: Receiver?
        /// The receiver is getting what has waited; new arrivals come after that.
        var isCatchingUp = false
        var hasEnded = false
    }

    private let state = Mutex(State())

    /// An empty queue.
    public init() {}

    /// Passes on what arrived, from one thread at a time. After `.closed` nothing more is passed on.
    public func put(_ arrivals: [PushArrival]) {
        let next = state.withLock { state -> Receiver? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = arrivals.isClosed
            guard let receiver = state.receiver, !state.isCatchingUp else {
                state.waiting.append(arrivals)
                defer { state.observer = nil }
                return state.observer
            }
            // Not kept after the end: it may own this queue.
            if state.hasEnded { state.receiver = nil }
            return receiver
        }
        next?(arrivals)
    }

    /// Calls `observer` once with the first arrivals, unless a receiver comes first. They still wait for the receiver.
    package func whenFirst(_ observer: @escaping Receiver) {
        let first = state.withLock { state -> [PushArrival]? in
            guard state.receiver == nil, !state.isCatchingUp else { return nil }
            if state.waiting.isEmpty, !state.hasEnded { state.observer = observer }
            return state.waiting.first
        }
        if let first { observer(first) }
    }

    /// Passes all that waits to `receiver`, before this returns, and all that arrives later. Only the first receiver counts.
    package func receive(_ receiver: @escaping Receiver) {
        let isFirst = state.withLock { state in
            guard state.receiver == nil else { return false }
            state.receiver = receiver
            state.observer = nil
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
