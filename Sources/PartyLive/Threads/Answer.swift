import PartyCore
import Synchronization

/// One value that a service thread owes to a waiting task. The first of answer and cancellation wins, so that a
/// cancelled task goes on at once, whatever the thread is busy with.
final class Answer<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, TransportError>

    private enum State {
        case open
        case awaited(CheckedContinuation<Outcome, Never>)
        case given(Outcome)
        case taken
    }

    private let state = Mutex(State.open)

    /// Whether the outcome was taken: not where another came first.
    @discardableResult
    func give(_ outcome: Outcome) -> Bool {
        let (waiter, isFirst): (CheckedContinuation<Outcome, Never>?, Bool) = state.withLock { state in
            switch state {
            case .open:
                state = .given(outcome)
                return (nil, true)
            case .awaited(let waiter):
                state = .taken
                return (waiter, true)
            case .given, .taken:
                return (nil, false)
            }
        }
        waiter?.resume(returning: outcome)
        return isFirst
    }

    /// Waits for the outcome; on cancellation gives up at once and calls `abandon`. To be awaited once.
    func value(orAbandon abandon: @escaping @Sendable () -> Void) async throws(TransportError) -> Value {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in self.await(waiter) }
        } onCancel: {
            // The thread may have sent the request by now: claim no less.
            if self.give(.failure(TransportError(.cancelled, .exchange, "cancelled"))) {
                abandon()
            }
        }
        return try outcome.get()
    }

    private func await(_ waiter: CheckedContinuation<Outcome, Never>) {
        let given: Outcome? = state.withLock { state in
            if case .given(let outcome) = state {
                state = .taken
                return outcome
            }
            state = .awaited(waiter)
            return nil
        }
        if let given {
            waiter.resume(returning: given)
        }
    }
}
