/// The service's advice when to come back, kept over restarts: starting psparty anew must not be a way around it. All best
/// effort, since a full disk must not cost the stream.
package struct RetryAdviceFile: Sendable {
    private let environment: PartyEnvironment

    package init(_ environment: PartyEnvironment) {
        self.environment = environment
    }

    /// The account's; with a token of the caller's own no file is touched.
    private var files: ProfileFiles? {
        environment.settings.accessToken == nil ? try? Authenticator(environment).files() : nil
    }

    /// What is left of the wait.
    package func rest(at now: Timestamp) -> Duration? {
        let kept = try? files?.value(of: .retryAdvice) { advice -> (since: Int64, until: Int64)? in
            guard let since = advice["since"]?.integer, let until = advice["until"]?.integer else { return nil }
            return (since, until)
        }
        // A clock that was set back must not make a minute's wait a day's, nor a day's a year's.
        guard let kept, kept.since <= now.milliseconds else { return nil }
        let rest = Timestamp(milliseconds: kept.until) - now
        return rest > .zero && rest <= RetryAdvice.limit ? rest : nil
    }

    package func remember(_ wait: Duration, at now: Timestamp) {
        let until = now.advanced(by: wait).milliseconds
        let bytes = JSONWriter.text { json in
            json.object { json in
                json.field("since", now.milliseconds)
                json.field("until", until)
            }
        }
        try? files?.save(.retryAdvice, bytes + [0x0A])
    }

    func forget() {
        try? files?.erase(.retryAdvice)
    }
}
