/// A change of the stream itself (docs/json-output.md).
public enum StreamLifecycle: Sendable, Equatable {
    /// A connection was opened.
    case connected
    /// The service accepted the sign-in; events arrive from now on.
    case ready
    /// The connection was lost; the next try is after the wait.
    case lost(reason: String, retryAfter: Duration)
    /// A try to connect failed; the next one is after the wait, which the service may have asked for.
    case retrying(reason: String, retryAfter: Duration, isAdvised: Bool)
    /// The parties were compared with the service, and the differences were reported as events; party sessions
    /// that had dropped the account were joined again.
    case resynced(rejoined: [PartyID])
    /// The stream continues with a new access token.
    case tokenRenewed
    /// The stream is ending because its task was cancelled.
    case stopping
    /// A message was skipped: it is no JSON object, or exceeds the size limit. `size` is in bytes.
    case frameInvalid(problem: String, size: Int)

    /// The type in JSON output. A failed try has the type of a loss.
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

    /// All types, for filters.
    public static let types = [
        "stream.connected", "stream.ready", "stream.lost", "stream.resynced", "stream.token-renewed", "stream.stopping",
        "frame.invalid",
    ]
}

extension StreamLifecycle {
    private static let takeover = "; taking over"

    /// The loss of the connection with the process that held it. Another process of the profile takes over.
    package static func holderEnded(_ process: Int32?) -> StreamLifecycle {
        let number = process.map { " (pid \($0))" } ?? ""
        return .lost(reason: "the process that held the connection\(number) ended\(takeover)", retryAfter: .zero)
    }

    /// Whether the reason of a loss already says how the stream goes on.
    package var isTakeover: Bool {
        if case .lost(let reason, _) = self { reason.hasSuffix(Self.takeover) } else { false }
    }
}
