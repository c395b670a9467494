/// Why no answer came: the network, not the service, said no (but for a refused upgrade).
public struct TransportError: Error, Sendable, Equatable {
    /// What went wrong, for decisions.
    public enum Kind: Sendable, Equatable {
        /// The host name has no address.
        case unresolved
        /// No TCP connection, or the proxy failed.
        case unreachable
        /// The proxy refused, and would refuse the same request again: wrong credentials, a host that it does not allow.
        case refusedByProxy
        /// No trust: certificate, host name, protocol version, CA file.
        case tls
        /// The deadline passed.
        case timedOut
        /// The connection ended before the answer was whole.
        case brokenOff
        /// What came is not HTTP, not a valid upgrade, or too large.
        case malformed
        /// The push upgrade was answered with a status other than 101.
        case refused(RESTResponse)
        /// Plain text to a host that is not this machine: not tried.
        case insecure
        /// A URL, CA file or proxy setting that cannot be used: not tried.
        case unusable
        /// This machine gives the process no more descriptors, threads or memory.
        case exhausted
        /// The waiting task was cancelled.
        case cancelled
    }

    /// How far the request came.
    public enum Phase: String, Sendable {
        /// Before anything was sent: the URL, the settings and the CA file are checked.
        case preparing
        /// The host name is looked up.
        case lookup
        /// TCP, or the proxy's tunnel.
        case connecting
        /// TLS.
        case handshake
        /// The request was sent, at least in part.
        case exchange
    }

    /// What went wrong.
    public let kind: Kind
    /// When it went wrong.
    public let phase: Phase
    /// For people: what the library below said. Holds no secret.
    public let detail: String
    /// What the server's chain lacks, where the kind is `tls` for that reason.
    public let missingIssuer: MissingIssuer?
    /// Whether it is TLS with the proxy, and not with the server, that failed.
    public let isOfProxy: Bool

    /// A failure of the network.
    public init(
        _ kind: Kind, _ phase: Phase, _ detail: String, missingIssuer: MissingIssuer? = nil, isOfProxy: Bool = false
    ) {
        self.kind = kind
        self.phase = phase
        self.detail = detail
        self.missingIssuer = missingIssuer
        self.isOfProxy = isOfProxy
    }

    /// Whether a certificate was refused for its time, which a wrong clock of ours can cause. The libraries say so in
    /// OpenSSL's words only.
    package var isOutOfTime: Bool {
        kind == .tls && (detail.contains("not yet valid") || detail.contains("has expired"))
    }

    /// Whether the service may have acted on the request although no answer came.
    public var mayHaveArrived: Bool {
        phase == .exchange
    }
}
