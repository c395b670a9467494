/// When to ping an open socket, and when its silence is a loss (docs/protocol.md, 7.5). A value: what happened goes in, what
/// to think of the socket comes out.
package struct KeepAliveWatch: Sendable, Equatable {
    /// What a tick shows.
    package enum Verdict: Sendable, Equatable {
        /// Nothing is due.
        case alive
        /// The time for a ping.
        case ping
        /// Nothing came within that time after a ping: the socket is dead or deaf.
        case dead(after: Duration)
    }

    private var keepAlive: KeepAlive
    private var nextPing: Duration
    private var answerDue: Duration?
    /// How long the present ping has for its answer.
    private var answerLimit: Duration
    /// Whether the present ping is one of doubt.
    private var isSecondLook = false
    /// Since when nothing has come that was waited for.
    private var silentSince: Duration?

    /// A tick that comes this much after its time was held up: the machine slept, or we had no processor.
    private static let heldUp: Duration = .seconds(1)
    /// How long a socket has to answer after that. Long enough for a laptop to find its network again, since a socket that
    /// is given up may cost the membership.
    private static let secondLook: Duration = .seconds(5)

    /// For a socket that is pinged as it opens.
    package init(_ keepAlive: KeepAlive, openedAt now: Duration) {
        self.keepAlive = keepAlive
        nextPing = now + keepAlive.pingInterval
        answerLimit = keepAlive.answerTimeout
        answerDue = now + answerLimit
        silentSince = now
    }

    /// When `ticked` is due.
    package var deadline: Duration { min(nextPing, answerDue ?? nextPing) }

    /// Whether a ping waits for its answer.
    package var awaitsAnswer: Bool { answerDue != nil }

    /// When the service may have heard from us last, for a socket that is lost now: before a ping without an answer, and
    /// before a time in which the machine slept.
    package func lastContact(before now: Duration) -> Duration {
        silentSince ?? (isHeldUp(at: now) ? deadline : now)
    }

    /// Any byte is a sign of life.
    package mutating func arrived() {
        answerDue = nil
        isSecondLook = false
        silentSince = nil
    }

    /// The service asks for other figures from here on.
    package mutating func adopt(_ figures: KeepAlive, at now: Duration) {
        nextPing = max(now, nextPing - keepAlive.pingInterval + figures.pingInterval)
        keepAlive = figures
    }

    private func isHeldUp(at now: Duration) -> Bool { now >= deadline + Self.heldUp }

    /// - Parameter now: time that goes on while the machine sleeps.
    package mutating func ticked(at now: Duration) -> Verdict {
        if isHeldUp(at: now), !isSecondLook {
            silentSince = silentSince ?? deadline
            // What arrived meanwhile may wait unread, and the peer may be gone without a word: only an answer tells.
            isSecondLook = true
            answerLimit = min(keepAlive.answerTimeout, Self.secondLook)
            answerDue = now + answerLimit
            nextPing = now + keepAlive.pingInterval
            return .ping
        }
        if let answerDue, now >= answerDue { return .dead(after: answerLimit) }
        guard now >= nextPing else { return .alive }
        nextPing = now + keepAlive.pingInterval
        if answerDue == nil {
            answerLimit = keepAlive.answerTimeout
            answerDue = now + answerLimit
        }
        silentSince = silentSince ?? now
        return .ping
    }
}
