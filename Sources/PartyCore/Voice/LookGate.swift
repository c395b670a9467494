/// Lets one look at the service through at a time, and the next no sooner than a pause after it: what others do in the party
/// must not make us ask without end. The pause doubles for as long as looks are wanted one after the other. Pure.
struct LookGate: Sendable {
    private let shortestPause: Duration
    private let longestPause: Duration
    private var pause: Duration
    private var last: Duration?
    private var isRequested = false

    init(pause: Duration, longestPause: Duration) {
        shortestPause = pause
        self.longestPause = longestPause
        self.pause = pause
    }

    /// - Returns: how long to wait before the look; `nil` where one is due already.
    mutating func request(at now: Duration) -> Duration? {
        guard !isRequested else { return nil }
        isRequested = true
        guard let last else { return .zero }
        guard now - last <= pause * 2 else {
            pause = shortestPause
            return .zero
        }
        defer { pause = min(pause * 2, longestPause) }
        return max(.zero, last + pause - now)
    }

    /// The look begins: what happens from here on needs another.
    mutating func begin(at now: Duration) {
        isRequested = false
        last = now
    }
}
