/// What happens to the stream itself, as against in it.
public enum StreamLifecycle: Sendable, Equatable {
    /// The upgrade is done.
    case connected
    /// The service has taken the sign-in: events flow from here on.
    case ready
    /// The connection is gone; the next try is after the wait.
    case lost(reason: String, retryAfter: Duration)
    /// A try to connect failed; the next one is after the wait, which the service may have asked for.
    case retrying(reason: String, retryAfter: Duration, isAdvised: Bool)
    /// The service has been asked what became of the parties meanwhile, and what differed has been told; party sessions
    /// that had lost us with the connection were joined again.
    case resynced(rejoined: [PartyID])
    /// The stream goes on under a new token.
    case tokenRenewed
    /// We are leaving.
    case stopping
    /// A message that is no JSON object, or is over the size limit (`size` in bytes): skipped.
    case frameInvalid(problem: String, size: Int)

    /// The event type that users see; a failed try is part of a loss.
    public var type: String {
        switch self {
        case .connected: "stream.connected"
        case .ready: "stream.ready"
        case .lost, .retrying: "stream.lost"
        case .resynced: "stream.resynced"
        case .tokenRenewed: "stream.token-renewed"
        case .stopping: "stream.stopping"
        case .frameInvalid: "frame.invalid"
        }
    }

    /// Every type there is, for filters.
    public static let types = [
        "stream.connected", "stream.ready", "stream.lost", "stream.resynced", "stream.token-renewed", "stream.stopping",
        "frame.invalid",
    ]
}
