/// Limits look-ups: one at a time, and a pause before the next, so that events which others cause
/// do not make this client ask all the time. The pause doubles while look-ups follow each other. Pure.
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

    /// - Returns: how long to wait before the look-up; `nil` if one is due already.
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

    /// The look-up begins: later events need another one.
    mutating func begin(at now: Duration) {
        isRequested = false
        last = now
    }
}
