/// One HTTP request as it goes to the wire.
public struct RESTRequest: Sendable, Equatable {
    /// What HTTP calls the method.
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
        /// Those with an address of the public internet: not this machine and none of its network. The address that is
        /// connected to is judged, not the host name. With a proxy, which has name and connection in its hands, the name has
        /// to have the form of a public one.
        case publicAddresses
    }

    /// What a request carries.
    public struct Body: Sendable, Equatable {
        /// As they go to the wire.
        public let bytes: [UInt8]
        /// The `Content-Type`.
        public let contentType: String
        /// True where the bytes hold a grant, a token or an SDP: they are then never printed.
        public let isSecret: Bool

        /// A body that goes out as it is. `isSecret` keeps it out of traces.
        public init(_ bytes: [UInt8], contentType: String, isSecret: Bool = false) {
            self.bytes = bytes
            self.contentType = contentType
            self.isSecret = isSecret
        }
    }

    /// What is to be done.
    public var method: Method
    /// Absolute, percent-encoded, `https` (or `http` to a loopback address).
    public var url: String
    /// All but `Content-Type`, `Host`, `User-Agent` and what the transport negotiates.
    public var headers: [HeaderField]
    /// `nil` for a request without one.
    public var body: Body?
    /// Whether it only asks: true for GET, and for those other calls that change nothing.
    public var isLookup: Bool
    /// Until the TCP and TLS connection stands.
    public var connectTimeout: Duration
    /// Until the whole answer is here, connecting included.
    public var timeout: Duration
    /// The most bytes the answer may hold, unpacked.
    public var largestAnswer = 16 << 20
    /// Whether it may go out in plain text to any machine: only for what is public and is checked by other means.
    public var mayBePlain = false
    /// Which machines it may be sent to.
    public var reach = Reach.anywhere
    /// Certificates, as they were fetched, that may complete the server's chain. They are not trusted for it.
    public var links: [[UInt8]] = []
    /// So many requests of the profile's budget are left to others: those that come in numbers must not use it up.
    package var budgetReserve = 0
    /// What it is for, in the words of errors and traces; not sent.
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

/// The whole answer to a `RESTRequest`. Any status is an answer, not an error.
public struct RESTResponse: Sendable, Equatable {
    /// 100 to 599.
    public let status: Int
    /// In the order of the wire; names as they came.
    public let headers: [HeaderField]
    /// Decoded: a gzip answer arrives here unpacked.
    public let body: [UInt8]
    /// When it came, by our clock; known of refusals only, which may name a time to come back.
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
    /// Neither headers nor body: an answer of the sign-in holds tokens in both.
    public var description: String { "HTTP \(status), \(body.count) bytes" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}
