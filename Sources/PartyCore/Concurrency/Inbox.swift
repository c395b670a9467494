internal import Synchronization

/// What waits for the one task that takes it, in order. Anybody may put something in, and never waits.
///
/// An `AsyncStream` does the same for any number of tasks, at several times the price, and knows no `standIn`: the push stream
/// would pay for both with each frame.
final class Inbox<Element: Sendable>: Sendable {
    private typealias Taker = CheckedContinuation<[Element]?, Never>

    private enum Work {
        /// The taker does it, or has not come yet.
        case underway
        /// The taker waits for some.
        case awaited
        /// Somebody does it while the taker waits.
        case stoodIn
    }

    private struct State {
        var waiting: [Element] = []
        var hasEnded = false
        /// Whoever takes it out of here resumes it, once.
        var taker: Taker?
        var work = Work.underway

        mutating func releaseTaker() -> Taker? {
            guard work == .awaited else { return nil }
            work = .underway
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
                state.work = .awaited
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
            guard state.work == .awaited else { return false }
            state.work = .stoodIn
            return true
        }
        guard isFree else { return false }
        work()
        let isAtRest = state.withLock { state in
            guard state.waiting.isEmpty, !state.hasEnded else { return false }
            state.work = .awaited
            return true
        }
        if !isAtRest { resumeTaker() }
        return true
    }

    /// After somebody stood in, with what came meanwhile.
    private func resumeTaker() {
        let (taker, waiting) = state.withLock { state in
            state.work = .awaited
            return (state.releaseTaker(), state.takeWaiting())
        }
        taker?.resume(returning: waiting)
    }
}
