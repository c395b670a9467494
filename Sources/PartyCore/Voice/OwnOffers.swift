/// Limits how many offers the engine makes to one peer by itself: each is a request of the profile's budget. Some are sent at
/// once, then one in each pause; only the newest waiting one is kept. Pure.
struct OwnOffers: Sendable {
    private var quota: OfferQuota
    private var waiting: (sdp: String, until: Duration)?
    /// Whether it was reported that an offer of the engine has to wait.
    private var hasWarned = false

    init(atOnce: Int, pause: Duration) {
        quota = OfferQuota(atOnce: atOnce, pause: pause)
    }

    /// When the waiting offer may be sent; `nil` if none waits.
    var deadline: Duration? { waiting?.until }

    /// Adds an offer of the engine, which replaces a waiting one.
    /// - Parameter isAskedFor: whether it was requested with `want-offer`; then it does not count.
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

    /// - Returns: whether to report that an offer has to wait, which happens once.
    mutating func warnOnce() -> Bool {
        defer { hasWarned = true }
        return !hasWarned
    }

    /// Removes and returns the waiting offer, if it may be sent.
    mutating func takeDue(at now: Duration) -> String? {
        guard let waiting, waiting.until <= now else { return nil }
        self.waiting = nil
        quota.take(at: now)
        return waiting.sdp
    }

    /// Drops the waiting offer: an offer of the peer is valid, or the engine has left.
    mutating func drop() {
        waiting = nil
    }
}
