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

    private let keepAlive: KeepAlive
    private var nextPing: Duration
    private var answerDue: Duration?
    /// Whether the present ping is one of doubt.
    private var isSecondLook = false

    /// A tick that comes this much after its time was held up: the machine slept, or we had no processor.
    private static let heldUp: Duration = .seconds(1)
    /// How long a socket has to answer after that. Long enough for a laptop to find its network again, since a socket that
    /// is given up may cost the membership.
    private static let secondLook: Duration = .seconds(5)

    /// For a socket that is pinged as it opens.
    package init(_ keepAlive: KeepAlive, openedAt now: Duration) {
        self.keepAlive = keepAlive
        nextPing = now + keepAlive.pingInterval
        answerDue = now + keepAlive.answerTimeout
    }

    /// When `ticked` is due.
    package var deadline: Duration { min(nextPing, answerDue ?? nextPing) }

    /// Whether a ping waits for its answer.
    package var awaitsAnswer: Bool { answerDue != nil }

    /// Any byte is a sign of life.
    package mutating func arrived() {
        answerDue = nil
        isSecondLook = false
    }

    /// - Parameter now: time that goes on while the machine sleeps.
    package mutating func ticked(at now: Duration) -> Verdict {
        if now >= deadline + Self.heldUp, !isSecondLook {
            // What arrived meanwhile may wait unread, and the peer may be gone without a word: only an answer tells.
            isSecondLook = true
            answerDue = now + min(keepAlive.answerTimeout, Self.secondLook)
            nextPing = now + keepAlive.pingInterval
            return .ping
        }
        if let answerDue, now >= answerDue {
            return .dead(after: isSecondLook ? min(keepAlive.answerTimeout, Self.secondLook) : keepAlive.answerTimeout)
        }
        guard now >= nextPing else { return .alive }
        nextPing = now + keepAlive.pingInterval
        answerDue = answerDue ?? now + keepAlive.answerTimeout
        return .ping
    }
}
