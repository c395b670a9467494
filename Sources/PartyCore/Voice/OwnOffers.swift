/// Bounds how many offers the engine makes to one peer by itself: each is a request of the profile's budget. Some are sent at
/// once, then one in each pause; of those that wait only the newest is kept. Pure.
struct OwnOffers: Sendable {
    private var quota: OfferQuota
    private var waiting: (sdp: String, until: Duration)?
    /// Whether people know that an offer of the engine has to wait.
    private var hasWarned = false

    init(atOnce: Int, pause: Duration) {
        quota = OfferQuota(atOnce: atOnce, pause: pause)
    }

    /// When the offer that waits may be sent; `nil` where none waits.
    var deadline: Duration? { waiting?.until }

    /// Takes an offer of the engine, in place of one that waits.
    /// - Parameter isAskedFor: it was asked for with `want-offer`, and is not counted.
    /// - Returns: whether it may be sent now.
    mutating func take(_ sdp: String, isAskedFor: Bool, at now: Duration) -> Bool {
        waiting = nil
        guard !isAskedFor else { return true }
        if let wait = quota.wait(at: now) {
            waiting = (sdp, wait)
            return false
        }
        quota.take(at: now)
        return true
    }

    /// - Returns: whether people are to be told that an offer has to wait: once.
    mutating func warnOnce() -> Bool {
        defer { hasWarned = true }
        return !hasWarned
    }

    /// Takes out the offer that waits, once it may be sent.
    mutating func takeDue(at now: Duration) -> String? {
        guard let waiting, waiting.until <= now else { return nil }
        self.waiting = nil
        quota.take(at: now)
        return waiting.sdp
    }

    /// Drops the offer that waits: one of theirs stands, or the engine has left.
    mutating func drop() {
        waiting = nil
    }
}
