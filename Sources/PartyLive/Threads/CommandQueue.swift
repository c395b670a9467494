import Synchronization

/// A queue of commands with a single consumer, which is a service thread. Any thread may post; `post` never waits.
final class CommandQueue<Command: Sendable>: Sendable {
    private struct State {
        var waiting: [Command] = []
        var isClosed = false
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// - Returns: false after `close`; then the command is dropped.
    @discardableResult
    func post(_ command: Command) -> Bool {
        // Under the lock: the thread removes `wake` under the same lock before it frees what `wake` uses.
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.waiting.append(command)
            // The first command that waits has woken the thread, which takes all of them.
            if state.waiting.count == 1 { state.wake?() }
            return true
        }
    }

    /// All commands that wait. For the service thread.
    func take() -> [Command] {
        state.withLock { state in
            defer { state.waiting.removeAll(keepingCapacity: true) }
            return state.waiting
        }
    }

    /// Takes no more commands.
    /// - Returns: those that still waited.
    func close() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// How to end the thread's sleep; `nil` while it must not be woken. The thread looks for commands before it first sleeps.
    func setWake(_ wake: (@Sendable () -> Void)?) {
        state.withLock { $0.wake = wake }
    }
}
