internal import Glibc
internal import Synchronization

/// The programs that this process has started and that run: each the head of a group of its own, which outlives us unless it is
/// ended first.
package enum RunningPrograms {
    private static let heads = Mutex<Set<pid_t>>([])

    static func add(_ head: pid_t) {
        heads.withLock { _ = $0.insert(head) }
    }

    /// To be called before the head is reaped: afterwards its number may belong to another process.
    static func remove(_ head: pid_t) {
        heads.withLock { _ = $0.remove(head) }
    }

    /// Kills all of them with their process groups, for a process that exits at once.
    package static func kill() {
        heads.withLock { heads in
            for head in heads { Glibc.kill(-head, SIGKILL) }
        }
    }
}
