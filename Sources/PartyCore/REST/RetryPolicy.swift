/// Which requests are retried, and when (docs/protocol.md, 3.4). A pure function of attempt and outcome.
package enum RetryPolicy {
    package enum Outcome: Sendable {
        case answered(RESTResponse)
        case failed(TransportError)
    }

    package static let tries = 3
    /// The longest wait before a retry that the service may ask for. If it asks for more, there is no retry.
    package static let longestWait: Duration = .seconds(60)

    /// - Parameter attempt: counts from 1.
    /// - Returns: the wait before the next try; `nil` if there is none.
    package static func wait(
        before attempt: Int, isRepeatable: Bool, after outcome: Outcome
    ) -> Duration? {
        guard isRepeatable, attempt < tries else { return nil }
        let backoff = Duration.seconds(1 << (attempt - 1))
        switch outcome {
        case .failed(let error): return error.isTransient ? backoff : nil
        // The push service says itself when it wants the next try; `RetryAdviceFile` keeps that for the next run.
        case .answered(let response) where RetryAdvice.isGiven(in: response): return nil
        case .answered(let response):
            let isLimit = response.status == 429
            guard isLimit || (500...599).contains(response.status) else { return nil }
            guard let asked = response.retryAfter.map({ Duration.seconds($0) }) ?? (isLimit ? .seconds(60) : nil)
            else { return backoff }
            // A service that says "at once" is not to be hammered at for that.
            return asked <= longestWait ? max(asked, backoff) : nil
        }
    }
}

extension RESTRequest {
    /// Whether the request is idempotent.
    package var isRepeatable: Bool {
        method != .post || isLookup
    }
}

extension TransportError {
    /// Whether the same request may succeed a moment later.
    package var isTransient: Bool {
        switch kind {
        case .unresolved, .unreachable, .timedOut, .brokenOff: true
        case .refusedByProxy, .tls, .malformed, .refused, .insecure, .unusable, .exhausted, .cancelled: false
        }
    }
}
