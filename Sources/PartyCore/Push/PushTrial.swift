internal import Synchronization

/// A push connection that is opened only to find out whether it works: our status and one ping go out, and after the answer to the
/// ping, or without one in time, the connection is closed.
package struct PushTrial: Sendable {
    /// What was found.
    package struct Outcome: Sendable, Equatable {
        /// Whether the ping was answered.
        package var answersPing = false
        /// What the service did not accept, for people.
        package var complaint: String?
        /// Why the service ended the connection, if it did.
        package var loss: String?

        package init(answersPing: Bool = false, complaint: String? = nil, loss: String? = nil) {
            self.answersPing = answersPing
            self.complaint = complaint
            self.loss = loss
        }
    }

    /// How long the answer to the ping may take.
    static let patience: Duration = .seconds(4)
    private static let closingPatience: Duration = .milliseconds(500)

    let clock: PartyClock
    let signedIn: SignedIn
    let dialect: PushDialect

    /// Tries an open connection and closes it.
    func run(on connection: PushConnection) async -> Outcome {
        let found = Mutex(Outcome())
        let (decided, closed) = (OneShotEvent(), OneShotEvent())
        connection.arrivals.receive { [signedIn] arrivals in
            for arrival in arrivals {
                switch arrival {
                case .pong:
                    found.withLock { $0.answersPing = true }
                    decided.set()
                case .frame(let bytes):
                    if let words = PushAnswer(bytes)?.complaint { found.withLock { $0.complaint = words } }
                    connection.taken(bytes.count)
                case .closed(let closure):
                    let reason = closure.scrubbed(of: [signedIn.accessToken]).reason
                    if closure != .local { found.withLock { $0.loss = reason } }
                    decided.set()
                    closed.set()
                case .oversized(let size): connection.taken(size)
                case .activity: break
                }
            }
        }
        if dialect.hasClientFrames { connection.send(PushRequests.status(signedIn, transaction: 1)) }
        connection.ping()
        _ = await clock.within(Self.patience, step: "push") { () throws(PartyError) in await decided.wait() }
        let outcome = found.withLock { $0 }
        connection.close(1000, "")
        _ = await clock.within(Self.closingPatience, step: "push") { () throws(PartyError) in await closed.wait() }
        return outcome
    }
}
