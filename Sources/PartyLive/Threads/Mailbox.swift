import PartyCore
import Synchronization

/// Commands from anywhere to one service thread, in order.
final class Mailbox<Command: Sendable>: Sendable {
    private struct Content {
        var commands: [Command] = []
        var wake: (@Sendable () -> Void)?
    }

    private let content = Mutex(Content())

    func post(_ command: Command) {
        // Woken under the lock: the thread takes `wake` away under the same lock before what it wakes goes away.
        content.withLock { content in
            content.commands.append(command)
            content.wake?()
        }
    }

    /// All that waits. For the service thread.
    func take() -> [Command] {
        content.withLock { content in
            defer { content.commands.removeAll(keepingCapacity: true) }
            return content.commands
        }
    }

    /// How to end the thread's sleep, or `nil` before its end.
    func setWake(_ wake: (@Sendable () -> Void)?) {
        content.withLock { $0.wake = wake }
    }
}
