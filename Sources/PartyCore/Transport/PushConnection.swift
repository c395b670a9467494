/// The request that opens the push socket, with its limits (docs/protocol.md, 7.1).
public struct PushRequest: Sendable, Equatable {
    /// The URL: `wss://host[:port]/path`, or `ws` to a loopback address.
    public var url: String
    /// Headers of the upgrade request, in this order.
    public var headers: [HeaderField]
    /// The subprotocol, offered and required in the response.
    public var subprotocol: String
    /// The time limit for each of TCP, TLS and the upgrade.
    public var timeout: Duration
    /// The largest message in bytes that is kept; a larger one arrives as `PushArrival.oversized`.
    public var maximumFrame: Int
    /// Certificates (DER) that may complete the server's chain. They are not trusted by themselves.
    public var links: [[UInt8]] = []

    /// A request to open the push socket (docs/protocol.md, 7.1).
    public init(
        url: String, headers: [HeaderField], subprotocol: String, timeout: Duration = .seconds(10),
        maximumFrame: Int = 1 << 20
    ) {
        self.url = url
        self.headers = headers
        self.subprotocol = subprotocol
        self.timeout = timeout
        self.maximumFrame = maximumFrame
    }
}

/// Something that arrived on the push socket.
public enum PushArrival: Sendable, Equatable {
    /// A whole message, joined from its fragments. It is not checked for UTF-8 or JSON.
    case frame([UInt8])
    /// The answer to a ping, with any payload.
    case pong
    /// Bytes of a message that is not complete yet, as a sign of life. A transport need not report each of them.
    case activity
    /// A message over `PushRequest.maximumFrame`, skipped; its size in bytes.
    case oversized(Int)
    /// The end of the connection. Nothing follows.
    case closed(PushClosure)
}

/// How a push connection ended.
public enum PushClosure: Sendable, Equatable {
    /// The peer closed, with its code (`nil` if there was none) and reason.
    case peer(code: UInt16?, reason: String)
    /// This side closed.
    case local
    /// TCP or TLS failed.
    case failed(TransportError)

    package var reason: String {
        switch self {
        case .peer(nil, _): "the service closed the connection"
        case .peer(let code?, ""): "the service closed the connection (code \(code))"
        case .peer(let code?, let words): "the service closed the connection (code \(code), \(words))"
        case .local: "closed here"
        case .failed(let error): error.detail
        }
    }
}

/// An open push socket, after the upgrade. Sending never waits.
public struct PushConnection: Sendable {
    /// What arrives, in order. `.closed` is the last.
    public let arrivals: PushArrivals
    /// Sends one text message. After the end it does nothing.
    public let send: @Sendable (_ text: [UInt8]) -> Void
    /// Sends a ping with an empty payload. After the end it does nothing.
    public let ping: @Sendable () -> Void
    /// Starts the closing handshake with a code (1000 for a normal end); the end arrives as `.closed`.
    public let close: @Sendable (_ code: UInt16, _ reason: String) -> Void
    /// Reports how many bytes of frames were processed. While more than a megabyte is not processed, the socket is not read.
    public let taken: @Sendable (_ bytes: Int) -> Void

    /// A connection whose closures reach the socket. They may be called from any thread and must not block.
    public init(
        arrivals: PushArrivals, send: @escaping @Sendable (_ text: [UInt8]) -> Void,
        ping: @escaping @Sendable () -> Void, close: @escaping @Sendable (_ code: UInt16, _ reason: String) -> Void,
        taken: @escaping @Sendable (_ bytes: Int) -> Void = { _ in }
    ) {
        self.arrivals = arrivals
        self.taken = taken
        self.send = send
        self.ping = ping
        self.close = close
    }
}
