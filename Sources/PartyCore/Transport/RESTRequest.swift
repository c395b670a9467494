/// An HTTP request. A transport sends it without changes, and adds `Host`, `User-Agent` and what it negotiates.
public struct RESTRequest: Sendable, Equatable {
    /// The HTTP method.
    public enum Method: String, Sendable, CaseIterable {
        /// `GET`.
        case get = "GET"
        /// `POST`.
        case post = "POST"
        /// `PUT`.
        case put = "PUT"
        /// `PATCH`.
        case patch = "PATCH"
        /// `DELETE`.
        case delete = "DELETE"
    }

    /// Which machines a request may be sent to.
    public enum Reach: Sendable {
        /// Every machine.
        case anywhere
        /// Machines with a public address: not this machine and none of its network. The address of the connection
        /// is judged, not the host name. A proxy makes the connection itself, so with a proxy the name has
        /// to have the form of a public one.
        case publicAddresses
    }

    /// The body of a request.
    public struct Body: Sendable, Equatable {
        /// The bytes on the wire.
        public let bytes: [UInt8]
        /// The `Content-Type`.
        public let contentType: String
        /// Whether the bytes contain a grant, a token or an SDP. They are never printed then.
        public let isSecret: Bool

        /// A body. A secret one never appears in traces.
        public init(_ bytes: [UInt8], contentType: String, isSecret: Bool = false) {
            self.bytes = bytes
            self.contentType = contentType
            self.isSecret = isSecret
        }
    }

    /// The method.
    public var method: Method
    /// The absolute URL, percent-encoded: `https`, or `http` to a loopback address.
    public var url: String
    /// The headers, without `Content-Type`, `Host`, `User-Agent` and those that the transport negotiates.
    public var headers: [HeaderField]
    /// The body; `nil` if there is none.
    public var body: Body?
    /// Whether the request changes nothing: GET, and some POST requests that only look something up.
    public var isLookup: Bool
    /// The time limit for TCP and TLS.
    public var connectTimeout: Duration
    /// The time limit for the whole exchange, including the connection.
    public var timeout: Duration
    /// How many bytes the response may have, decompressed.
    public var largestAnswer = 16 << 20
    /// Whether it may be sent in plain text to any machine: only for public data that is verified by other means.
    public var mayBePlain = false
    /// Which machines it may be sent to.
    public var reach = Reach.anywhere
    /// Certificates (DER) that may complete the server's chain. They are not trusted by themselves.
    public var links: [[UInt8]] = []
    /// How many requests of the profile's budget must remain for others, so that frequent requests do not use it up.
    package var budgetReserve = 0
    /// The step in errors and traces; not sent.
    package var step: String?

    /// A request. The times are limits for the connection and for the whole exchange.
    public init(
        _ method: Method, _ url: String, headers: [HeaderField] = [], body: Body? = nil,
        isLookup: Bool? = nil, connectTimeout: Duration = .seconds(10), timeout: Duration = .seconds(30)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.isLookup = isLookup ?? (method == .get)
        self.connectTimeout = connectTimeout
        self.timeout = timeout
    }
}

/// The response to a ``RESTRequest``. A status of any class is a response, not an error.
public struct RESTResponse: Sendable, Equatable {
    /// The status, 100 to 599.
    public let status: Int
    /// The headers in the order of the wire, with unchanged names.
    public let headers: [HeaderField]
    /// The body, decompressed.
    public let body: [UInt8]
    /// When it arrived, by this machine's clock. Set for refusals only, which may name a time for the next try.
    package var receivedAt: Timestamp?

    /// A response with these parts.
    public init(status: Int, headers: [HeaderField] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, ignoring case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.revealedValue()
    }
}

extension RESTRequest.Body: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        let words = isSecret ? "<redacted>" : String(decoding: bytes, as: UTF8.self)
        return "\(contentType): \(words)"
    }

    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension RESTResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The status and the size only: headers and body of a sign-in contain tokens.
    public var description: String { "HTTP \(status), \(body.count) bytes" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}
