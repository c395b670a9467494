/// Lets one look at the service through at a time, and the next no sooner than a pause after it: what others do in the party
/// must not make us ask without end. Pure.
struct LookGate: Sendable {
    let pause: Duration
    private var last: Duration?
    private var isRequested = false

    init(pause: Duration) {
        self.pause = pause
    }

    /// - Returns: how long to wait before the look; `nil` where one is due already.
    mutating func request(at now: Duration) -> Duration? {
        guard !isRequested else { return nil }
        isRequested = true
        return last.map { max(.zero, $0 + pause - now) } ?? .zero
    }

    /// The look begins: what happens from here on needs another.
    mutating func begin(at now: Duration) {
        isRequested = false
        last = now
    }
}
