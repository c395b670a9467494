internal import Synchronization

/// A queue with a single consumer, which is a task. Any thread may put something in; `put` never waits.
///
/// `AsyncStream` is slower and has no `processInlineIfIdle`, and each push frame would pay for both.
final class AsyncQueue<Element: Sendable>: Sendable {
    private typealias Consumer = CheckedContinuation<[Element]?, Never>

    private enum Work {
        /// The consumer is busy, or has not asked for anything yet.
        case underway
        /// The consumer waits for an element.
        case awaited
        /// A producer processes an element while the consumer waits.
        case inline
    }

    private struct State {
        var waiting: [Element] = []
        var hasEnded = false
        /// The code that takes it out of here resumes it, once.
        var consumer: Consumer?
        var work = Work.underway

        mutating func releaseConsumer() -> Consumer? {
            guard work == .awaited else { return nil }
            work = .underway
            defer { consumer = nil }
            return consumer
        }

        mutating func takeWaiting() -> [Element]? {
            defer { waiting = [] }
            return waiting.isEmpty ? nil : waiting
        }
    }

    private let state = Mutex(State())

    /// Does nothing after `end`.
    func put(_ element: Element) {
        let consumer = state.withLock { state -> Consumer? in
            if let consumer = state.releaseConsumer() { return consumer }
            if !state.hasEnded { state.waiting.append(element) }
            return nil
        }
        consumer?.resume(returning: [element])
    }

    /// Elements that wait are still delivered.
    func end() {
        let consumer = state.withLock { state in
            state.hasEnded = true
            return state.releaseConsumer()
        }
        consumer?.resume(returning: nil)
    }

    /// All elements that wait, or else the next one; `nil` after the end. For one task at a time. Cancellation does not end it.
    func next() async -> [Element]? {
        await withCheckedContinuation { continuation in
            let isWaiting = state.withLock { state in
                guard state.waiting.isEmpty, !state.hasEnded else { return false }
                state.consumer = continuation
                state.work = .awaited
                return true
            }
            if !isWaiting { continuation.resume(returning: state.withLock { $0.takeWaiting() }) }
        }
    }

    /// If the consumer waits, does its work on the calling thread, which saves a change of tasks and threads. Elements that
    /// are put in meanwhile come after it.
    /// - Returns: false if the consumer is busy or the queue has ended; then `work` is not done.
    func processInlineIfIdle(_ work: () -> Void) -> Bool {
        let isIdle = state.withLock { state in
            guard state.work == .awaited else { return false }
            state.work = .inline
            return true
        }
        guard isIdle else { return false }
        work()
        let staysIdle = state.withLock { state in
            guard state.waiting.isEmpty, !state.hasEnded else { return false }
            state.work = .awaited
            return true
        }
        if !staysIdle { resumeConsumer() }
        return true
    }

    /// Gives the consumer what was put in during inline work.
    private func resumeConsumer() {
        let (consumer, waiting) = state.withLock { state in
            state.work = .awaited
            return (state.releaseConsumer(), state.takeWaiting())
        }
        consumer?.resume(returning: waiting)
    }
}
