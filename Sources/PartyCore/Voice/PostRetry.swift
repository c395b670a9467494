/// When a request that must not be executed twice is sent again: after a response that says it was not executed, or if
/// it never arrived (docs/protocol.md, 3.4). A pure function of attempt and error.
enum PostRetry {
    /// - Parameter attempt: counts from 1.
    /// - Returns: the wait before the next try; `nil` if there is none.
    static func wait(before attempt: Int, after error: PartyError) -> Duration? {
        guard attempt < RetryPolicy.tries, !error.mayHaveActed else { return nil }
        switch error.kind {
        // Without a status it is our own budget that refuses.
        case .rateLimited where error.status != nil:
            let wait = error.advice?.shortest ?? RetryPolicy.longestWait
            return wait <= RetryPolicy.longestWait ? wait : nil
        case .unreachable: return backoff(attempt)
        default: return nil
        }
    }

    /// The same for a request whose outcome was read back after the service had failed (5xx): it was not done.
    static func wait(before attempt: Int, afterReadingBack error: PartyError) -> Duration? {
        guard attempt < RetryPolicy.tries, (500...599).contains(error.status ?? 0) else {
            return wait(before: attempt, after: error)
        }
        return backoff(attempt)
    }

    private static func backoff(_ attempt: Int) -> Duration { .seconds(1 << min(max(attempt - 1, 0), 5)) }
}
