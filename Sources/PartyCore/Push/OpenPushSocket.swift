/// What `PushMachine` knows of the open socket: how it is kept alive, whether the stream is ready, when the token wants
/// renewal.
struct OpenPushSocket: Sendable, Equatable {
    private(set) var address: PushAddress
    private(set) var watch: KeepAliveWatch
    /// When the stream counts as ready without an answer to the first ping; `nil` once it is.
    private(set) var readyDue: Duration?
    var renewalDue: Duration?
    private let openedAt: Duration

    /// A connection that lasted this long was a good one: the next loss starts with short waits again.
    private static let stableAfter: Duration = .seconds(60)
    /// How long the answer to the first ping may delay `ready`.
    private static let readyTimeout: Duration = .seconds(2)

    init(_ address: PushAddress, renewIn: Duration?, at now: Duration) {
        self.address = address
        openedAt = now
        watch = KeepAliveWatch(address.keepAlive, openedAt: now)
        readyDue = now + Self.readyTimeout
        renewalDue = renewIn.map { now + $0 }
    }

    var deadline: Duration? { [watch.deadline, readyDue, renewalDue].compactMap { $0 }.min() }

    var isReady: Bool { readyDue == nil }

    /// Whether the first ping or a later one waits for its answer.
    var awaitsArrival: Bool { !isReady || watch.awaitsAnswer }

    func isStable(at now: Duration) -> Bool { now - openedAt >= Self.stableAfter }

    /// The moment up to which the service holds our place, if the socket is lost now.
    func heldUntil(ifLostAt now: Duration) -> Duration {
        watch.lastContact(before: now) + address.keepAlive.presenceTimeout
    }

    mutating func arrived() { watch.arrived() }

    /// - Returns: whether it was not ready before.
    mutating func becomeReady() -> Bool {
        defer { readyDue = nil }
        return !isReady
    }

    mutating func tick(at now: Duration) -> KeepAliveWatch.Verdict { watch.ticked(at: now) }

    /// - Returns: whether the type must be sent to the service.
    mutating func changeType(to type: PushDialect.KeepAliveType) -> Bool {
        guard isReady, address.dialect.hasClientFrames, address.dialect.keepAliveType != type else { return false }
        address.dialect.keepAliveType = type
        return true
    }

    mutating func adopt(_ figures: KeepAlive, at now: Duration) {
        address.keepAlive = figures
        watch.adopt(figures, at: now)
    }
}
