/// How many offers of one member are accepted: some at once, then one in each pause. Each costs the engine work and an answer,
/// which is a request of the profile's budget.
struct OfferQuota: Sendable {
    private let atOnce: Int
    private let pause: Duration
    private var left: Int
    /// When the oldest accepted offer no longer counts.
    private var nextRefill: Duration?

    init(atOnce: Int, pause: Duration) {
        self.atOnce = max(atOnce, 1)
        self.pause = max(pause, .milliseconds(1))
        left = max(atOnce, 1)
    }

    /// - Returns: `nil` if an offer may be accepted now, else when.
    func wait(at now: Duration) -> Duration? {
        left > 0 || (nextRefill ?? now) <= now ? nil : nextRefill
    }

    /// Counts an accepted offer.
    mutating func take(at now: Duration) {
        while let refill = nextRefill, refill <= now {
            left += 1
            nextRefill = left < atOnce ? refill + pause : nil
        }
        left = max(left - 1, 0)
        nextRefill = nextRefill ?? now + pause
    }
}

/// The limits of one member. They are kept when the member leaves, so that a return does not reset them.
struct PeerAllowance: Sendable {
    /// Their offers that the engine gets.
    var offers: OfferQuota
    /// Their joins that get an offer.
    var arrivals: OfferQuota

    init(offers: OfferQuota, arrivals: OfferQuota) {
        self.offers = offers
        self.arrivals = arrivals
    }

    init(_ policy: Negotiation.Policy) {
        offers = OfferQuota(atOnce: policy.answersAtOnce, pause: policy.answerPause)
        arrivals = OfferQuota(atOnce: policy.answersAtOnce, pause: policy.answerPause)
    }
}
