/// How many offers of one member are taken: some at once, then one in each pause. Each costs the engine work and an answer,
/// which is a request of our budget.
struct OfferQuota: Sendable {
    private let atOnce: Int
    private let pause: Duration
    private var left: Int
    /// When the oldest of those taken is given back.
    private var nextRefill: Duration?

    init(atOnce: Int, pause: Duration) {
        self.atOnce = max(atOnce, 1)
        self.pause = max(pause, .milliseconds(1))
        left = max(atOnce, 1)
    }

    /// - Returns: `nil` where an offer may be taken now, else when one may.
    func wait(at now: Duration) -> Duration? {
        left > 0 || (nextRefill ?? now) <= now ? nil : nextRefill
    }

    /// Notes that one was taken.
    mutating func take(at now: Duration) {
        while let refill = nextRefill, refill <= now {
            left += 1
            nextRefill = left < atOnce ? refill + pause : nil
        }
        left = max(left - 1, 0)
        nextRefill = nextRefill ?? now + pause
    }
}

/// What one member may have of us: kept when the member leaves, so that coming back gives nothing anew.
struct PeerAllowance: Sendable {
    /// Offers of theirs that the engine is told.
    var offers: OfferQuota
    /// Times that they come into the party and get an offer for it.
    var arrivals: OfferQuota

    init(_ policy: Negotiation.Policy) {
        offers = OfferQuota(atOnce: policy.answersAtOnce, pause: policy.answerPause)
        arrivals = OfferQuota(atOnce: policy.answersAtOnce, pause: policy.answerPause)
    }
}
