internal import Synchronization

/// Whether a sign of life has come since the last look: one side sets it, the other clears it.
final class ActivityFlag: Sendable {
    private let flag = Atomic(false)

    /// - Returns: whether it was not set before.
    func set() -> Bool { !flag.exchange(true, ordering: .acquiringAndReleasing) }

    func clear() { flag.store(false, ordering: .releasing) }

    /// Clears it.
    /// - Returns: whether it was set.
    func take() -> Bool { flag.exchange(false, ordering: .acquiringAndReleasing) }
}
