/// Why no response came. Only for a refused push upgrade there is a response.
public struct TransportError: Error, Sendable, Equatable {
    /// The kind of failure, for decisions.
    public enum Kind: Sendable, Equatable {
        /// The host name has no address.
        case unresolved
        /// No TCP connection, or the proxy failed.
        case unreachable
        /// The proxy refused, and would refuse the same request again: wrong credentials, a host that it does not allow.
        case refusedByProxy
        /// TLS failed: certificate, host name, protocol version, CA file.
        case tls
        /// The deadline passed.
        case timedOut
        /// The connection ended before the response was complete.
        case brokenOff
        /// The response is not HTTP, not a valid upgrade, or too large.
        case malformed
        /// The push upgrade was answered with a status other than 101.
        case refused(RESTResponse)
        /// Plain text to another machine. Nothing was sent.
        case insecure
        /// A URL, CA file or proxy setting that cannot be used. Nothing was sent.
        case unusable
        /// This machine gives the process no more descriptors, threads or memory.
        case exhausted
        /// The task was cancelled.
        case cancelled
    }

    /// The phase in which the request failed.
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

    /// The kind of failure.
    public let kind: Kind
    /// The phase in which it failed.
    public let phase: Phase
    /// The message of the library below, for people. It contains no secret.
    public let detail: String
    /// The issuer that the server's chain lacks, if the kind is `tls` for that reason.
    public let missingIssuer: MissingIssuer?
    /// Whether TLS with the proxy failed, not with the server.
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

    /// Whether the service may have carried out the request although no response came.
    public var mayHaveArrived: Bool {
        phase == .exchange
    }
}
