/// A request to the service, independent of the transport.
public struct SimulatedRequest: Sendable {
    public var method: String
    /// Path and query, as in the request line.
    public var target: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(
        method: String, target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    var path: String { String(target.prefix { $0 != "?" }) }

    var query: [(name: String, value: String)] {
        guard let mark = target.firstIndex(of: "?") else { return [] }
        return Percent.fields(target[target.index(after: mark)...]) ?? []
    }

    /// The value of a header; upper and lower case of the name are equal.
    func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

/// A response of the service.
public struct SimulatedResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ status: Int, json: JSONValue) {
        self.init(
            status: status, headers: [("Content-Type", "application/json; charset=utf-8")], body: json.bytes)
    }
}

/// The result of a request: a response, or the effect of a fault.
public indirect enum SimulatedReply: Sendable {
    case answer(SimulatedResponse)
    /// The reply is sent after this delay.
    case delayed(milliseconds: Int, then: SimulatedReply)
    /// The connection stays open, and no response is sent.
    case drop
    /// The connection is reset.
    case reset
    /// The head announces the whole body, but the connection closes after this many bytes of it.
    case truncated(SimulatedResponse, bodyBytes: Int)
}

/// One request that the service received, and its result.
public struct RecordedRequest: Sendable {
    public var method: String
    public var target: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// The account of the bearer token.
    public var accountId: String?
    /// The status of the response; nil if there was none.
    public var status: Int?
    /// Milliseconds since 1970.
    public var receivedAt: Int64
}
