internal import Dispatch
import PartyCore
internal import Synchronization

/// Standard output for streams: lines are taken at once and written by a thread of their own, all that wait in one write,
/// so that a slow reader holds up nothing but itself.
final class LineSink: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isWriting = false
        var failure: Console.WriteError?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "psparty.output")
    private let console: Console
    private let onFailure: @Sendable () -> Void

    /// - Parameter onFailure: called once, when nothing can be written any more.
    init(_ console: Console, onFailure: @escaping @Sendable () -> Void) {
        self.console = console
        self.onFailure = onFailure
    }

    /// Takes whole lines; after a failure it drops them.
    func write(_ lines: [UInt8]) {
        let mustStart = state.withLock { state in
            guard state.failure == nil, !lines.isEmpty else { return false }
            state.waiting += lines
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { queue.async { self.drain() } }
    }

    private func drain() {
        while true {
            let lines = state.withLock { state in
                let lines = state.waiting
                state.waiting = []
                if lines.isEmpty { state.isWriting = false }
                return lines
            }
            guard !lines.isEmpty else { return }
            do throws(Console.WriteError) {
                try console.output(lines)
            } catch {
                let failure = error
                state.withLock { state in
                    state.failure = failure
                    state.waiting = []
                    state.isWriting = false
                }
                onFailure()
                return
            }
        }
    }

    /// Waits until all is written.
    /// - Throws: what went wrong on the way, unless the reader has just left.
    func finish() async throws(PartyError) {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume() }
        }
        if let failure = state.withLock({ $0.failure }), let error = PartyError(failure) { throw error }
    }
}
