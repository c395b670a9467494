internal import Dispatch
import PartyCore
internal import Synchronization

/// Standard error for those who must not wait for whoever reads it: a stream goes on while nobody does.
final class ErrorOutput: Sendable {
    private struct State {
        var waiting = ""
        var isWriting = false
        var dropped = 0
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "psparty.errors")
    private let write: @Sendable (String) -> Void
    private static let patience: Duration = .seconds(2)

    /// Bytes that wait at most; what comes then is dropped and counted.
    static let limit = 1 << 20

    /// - Parameter write: may block; called on a thread of its own, in order.
    init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// Returns at once.
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

    /// Waits until all is written, for as long as somebody may be willing to wait at the end of a program.
    func settle(_ clock: PartyClock) async {
        guard state.withLock({ $0.isWriting }) else { return }
        let done = OneShotEvent()
        queue.async { done.set() }
        // Not in our own task, which Ctrl-C has cancelled.
        await Task { await clock.run(for: Self.patience) { await done.wait() } }.value
    }

    private func drain() {
        while let text = next() { write(text) }
    }

    private func next() -> String? {
        state.withLock { state in
            if state.dropped > 0 {
                state.waiting += "psparty: \(state.dropped) messages were dropped, since nobody read them\n"
                state.dropped = 0
            }
            state.isWriting = !state.waiting.isEmpty
            defer { state.waiting = "" }
            return state.isWriting ? state.waiting : nil
        }
    }
}
