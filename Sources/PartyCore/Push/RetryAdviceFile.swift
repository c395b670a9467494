/// The service's advice when to come back, kept over restarts: starting psparty anew must not be a way around it. All best
/// effort, since a full disk must not cost the stream.
struct RetryAdviceFile: Sendable {
    private let files: ProfileFiles?

    /// With a token of the caller's own no file is touched.
    init(_ environment: PartyEnvironment) {
        files = environment.settings.accessToken == nil ? environment.files : nil
    }

    /// What is left of the wait.
    func rest(at now: Timestamp) -> Duration? {
        guard let until = try? files?.value(of: .retryAdvice, { $0["until"]?.integer }) else { return nil }
        let rest = Timestamp(milliseconds: until) - now
        // A clock that was set back must not make an hour's wait a year's.
        return rest > .zero && rest <= RetryAdvice.limit ? rest : nil
    }

    func remember(_ wait: Duration, at now: Timestamp) {
        let until = now.advanced(by: wait).milliseconds
        let bytes = JSONWriter.text { json in json.object { json in json.field("until", until) } }
        try? files?.save(.retryAdvice, bytes + [0x0A])
    }

    func forget() {
        try? files?.erase(.retryAdvice)
    }
}
