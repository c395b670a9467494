internal import Synchronization

/// What waits for the one task that takes it, in order. Anybody may put something in, and never waits.
///
/// An `AsyncStream` does the same for any number of tasks, at several times the price, and knows no `standIn`: the push stream
/// would pay for both with each frame.
final class Inbox<Element: Sendable>: Sendable {
    private typealias Taker = CheckedContinuation<[Element]?, Never>

    private struct State {
        var waiting: [Element] = []
        var hasEnded = false
        /// Whoever takes it out of here resumes it, once.
        var taker: Taker?
        /// Somebody does the taker's work, so that it is to be left where it is.
        var hasStandIn = false

        mutating func releaseTaker() -> Taker? {
            guard !hasStandIn else { return nil }
            defer { taker = nil }
            return taker
        }

        mutating func takeWaiting() -> [Element]? {
            defer { waiting = [] }
            return waiting.isEmpty ? nil : waiting
        }
    }

    private let state = Mutex(State())

    /// After the end it does nothing.
    func put(_ element: Element) {
        let taker = state.withLock { state -> Taker? in
            if let taker = state.releaseTaker() { return taker }
            if !state.hasEnded { state.waiting.append(element) }
            return nil
        }
        taker?.resume(returning: [element])
    }

    /// What waits is still taken.
    func end() {
        let taker = state.withLock { state in
            state.hasEnded = true
            return state.releaseTaker()
        }
        taker?.resume(returning: nil)
    }

    /// All that waits, or else what comes next; `nil` after the end. For one task at a time. Cancellation does not end it.
    func next() async -> [Element]? {
        await withCheckedContinuation { continuation in
            let isWaiting = state.withLock { state in
                guard state.waiting.isEmpty, !state.hasEnded else { return false }
                state.taker = continuation
                return true
            }
            if !isWaiting { continuation.resume(returning: state.withLock { $0.takeWaiting() }) }
        }
    }

    /// Does right here what the taker would do with an element, where the taker waits for one: a change of tasks and threads
    /// is spared. What is put in meanwhile comes behind it.
    /// - Returns: false where the taker is at work, or all is over; then `work` is not done.
    func standIn(_ work: () -> Void) -> Bool {
        let isFree = state.withLock { state in
            guard state.taker != nil, !state.hasStandIn else { return false }
            state.hasStandIn = true
            return true
        }
        guard isFree else { return false }
        work()
        let (taker, waiting) = state.withLock { state -> (Taker?, [Element]?) in
            state.hasStandIn = false
            guard state.hasEnded || !state.waiting.isEmpty else { return (nil, nil) }
            return (state.releaseTaker(), state.takeWaiting())
        }
        taker?.resume(returning: waiting)
        return true
    }
}
