internal import Dispatch
import PartyCore
internal import Synchronization

/// Queues messages for standard error, so that a stream does not block when standard error is not read.
final class ErrorOutput: Sendable {
    private struct State {
        var waiting = ""
        var isWriting = false
        var dropped = 0
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "psparty.errors")
    private let write: @Sendable (String) -> Void
    private static let drainTimeout: Duration = .seconds(2)

    /// The maximum number of queued bytes. Messages beyond it are dropped and counted.
    static let limit = 1 << 20

    /// - Parameter write: may block; called in order on a separate thread.
    init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// Queues the text and returns at once.
    func put(_ text: String) {
        let mustStart = state.withLock { state in
            guard state.waiting.utf8.count <= Self.limit else {
                state.dropped += 1
                return false
            }
            state.waiting += text
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { queue.async { self.drain() } }
    }

    /// Waits until all messages are written, at most 2 s.
    func settle(_ clock: PartyClock) async {
        guard state.withLock({ $0.isWriting }) else { return }
        let done = OneShotEvent()
        queue.async { done.set() }
        // In a new task, because Ctrl-C has cancelled the current one.
        await Task { await clock.run(for: Self.drainTimeout) { await done.wait() } }.value
    }

    private func drain() {
        while let text = next() { write(text) }
    }

    private func next() -> String? {
        state.withLock { state in
            if state.dropped > 0 {
                state.waiting += "psparty: \(state.dropped) messages were dropped because standard error was not read\n"
                state.dropped = 0
            }
            state.isWriting = !state.waiting.isEmpty
            defer { state.waiting = "" }
            return state.isWriting ? state.waiting : nil
        }
    }
}
