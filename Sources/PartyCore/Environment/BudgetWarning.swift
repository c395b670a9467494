internal import Synchronization

/// The right to tell people that the request budget is nearly used up: once in a run.
package final class BudgetWarning: Sendable {
    private let isTaken = Atomic(false)

    /// - Returns: whether it was not taken before.
    func take() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }
}
