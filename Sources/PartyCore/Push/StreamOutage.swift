/// A time without a stream: since when, the number of tries, and whether to give up.
struct StreamOutage: Sendable, Equatable {
    /// Tries in a row that brought no stream.
    private(set) var tries = 0
    private var since: Duration?

    /// The stream is lost. A connection that never became ready does not restart the count.
    mutating func begin(at now: Duration) {
        since = since ?? now
    }

    mutating func failed() {
        tries += 1
    }

    /// Events flow again.
    mutating func end() {
        self = StreamOutage()
    }

    func isTooLong(for policy: PushMachine.Policy, at now: Duration) -> Bool {
        if let most = policy.maximumTries, tries >= most { return true }
        if let longest = policy.maximumOutage, let since, now - since >= longest { return true }
        return false
    }
}
