/// The offers of one peer: which of them the engine gets, and when. The newest one counts; some are passed on at once, then one in
/// each pause. Pure.
struct PeerOffers: Sendable {
    typealias Message = PeerNegotiation.Message

    /// How many more the engine gets. It is kept when the member leaves.
    private(set) var quota: OfferQuota
    private let reorderWindow: Duration
    /// The newest offer that has to wait, for the present exchange or for the quota.
    private(set) var waiting: Message?
    /// Until when it waits for the quota.
    private var heldUntil: Duration?
    private var lastTaken: (global: Int64, time: Duration)?

    init(_ quota: OfferQuota, reorderWindow: Duration) {
        self.quota = quota
        self.reorderWindow = reorderWindow
    }

    /// When the waiting offer may be passed on; `nil` if none waits for the quota.
    var deadline: Duration? { heldUntil }

    /// Whether a message was overtaken by a later one of the same process.
    func isOvertaken(_ message: Message, at now: Duration) -> Bool {
        guard let lastTaken else { return false }
        return message.global < lastTaken.global && now - lastTaken.time < reorderWindow
    }

    /// Records a message that was passed on to the engine.
    mutating func note(_ message: Message, at now: Duration) {
        lastTaken = (message.global, now)
    }

    /// Keeps an offer for later, in place of an older one.
    mutating func park(_ message: Message) {
        if let waiting, waiting.global > message.global { return }
        waiting = message
    }

    /// - Returns: whether to pass the offer on now. If not, it waits for the quota.
    mutating func take(_ message: Message, at now: Duration) -> Bool {
        if let wait = quota.wait(at: now) {
            park(message)
            heldUntil = wait
            return false
        }
        quota.take(at: now)
        (waiting, heldUntil) = (nil, nil)
        note(message, at: now)
        return true
    }

    /// Whether an offer waits that may be passed on now.
    func hasReady(at now: Duration) -> Bool {
        waiting != nil && quota.wait(at: now) == nil
    }

    /// The present exchange is over: from now on the waiting offer waits for the quota alone.
    mutating func hold(at now: Duration) {
        if waiting != nil { heldUntil = quota.wait(at: now) }
    }

    /// - Returns: whether the time of a waiting offer has come.
    mutating func release(at now: Duration) -> Bool {
        guard let heldUntil, heldUntil <= now else { return false }
        self.heldUntil = nil
        return true
    }

    /// Removes and returns the waiting offer, unless a later message has overtaken it.
    mutating func takeWaiting(at now: Duration) -> Message? {
        defer { waiting = nil }
        return waiting.flatMap { isOvertaken($0, at: now) ? nil : $0 }
    }

    mutating func drop() {
        waiting = nil
    }
}
