internal import Synchronization

/// What waits for the one task that takes it, in order. Anybody may put something in, and never waits.
///
/// An `AsyncStream` does the same for any number of tasks, at several times the price: the push stream would pay it for
/// each frame.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var hasEnded = false
        /// Whoever takes it out of here resumes it, once.
        var taker: CheckedContinuation<[Element]?, Never>?
    }

    private let state = Mutex(State())

    /// After the end it does nothing.
    func put(_ element: Element) {
        let taker = state.withLock { state -> CheckedContinuation<[Element]?, Never>? in
            defer { state.taker = nil }
            if state.taker == nil, !state.hasEnded { state.waiting.append(element) }
            return state.taker
        }
        taker?.resume(returning: [element])
    }

    /// What waits is still taken.
    func end() {
        let taker = state.withLock { state in
            state.hasEnded = true
            defer { state.taker = nil }
            return state.taker
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
            if !isWaiting { continuation.resume(returning: takeWaiting()) }
        }
    }

    private func takeWaiting() -> [Element]? {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting.isEmpty ? nil : state.waiting
        }
    }
}
