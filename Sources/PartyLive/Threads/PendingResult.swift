import PartyCore
import Synchronization

/// One result that a service thread owes to a waiting task. The first of result and cancellation counts, so that a cancelled
/// task goes on at once, even if the thread is busy.
final class PendingResult<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, TransportError>

    private enum State {
        case open
        case awaited(CheckedContinuation<Outcome, Never>)
        case given(Outcome)
        case taken
    }

    private let state = Mutex(State.open)

    /// - Returns: false if another outcome came first; this one is dropped.
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

    func fail(_ error: TransportError) {
        give(.failure(error))
    }

    /// Waits for the outcome. If the task is cancelled, calls `abandon` and throws at once. To be awaited once.
    func value(orAbandon abandon: @escaping @Sendable () -> Void) async throws(TransportError) -> Value {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in self.await(waiter) }
        } onCancel: {
            // The thread may have sent the request by now, so the error says that it is in the exchange.
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
