/// A fault of the service: which requests it affects, and what it does to them.
public struct Fault: Sendable {
    public var match: Match
    public var action: Action
    /// An additional delay of the reply.
    public var delayMilliseconds: Int
    /// Whether the service still processes the request, although the fault replaces the response.
    public var isProcessed: Bool

    public init(match: Match, action: Action, delayMilliseconds: Int = 0, isProcessed: Bool = false) {
        self.match = match
        self.action = action
        self.delayMilliseconds = delayMilliseconds
        self.isProcessed = isProcessed
    }

    /// The requests that a fault affects. A nil property matches all requests.
    public struct Match: Sendable {
        public var method: String?
        /// A part of path and query. It must match at the start if it begins with `/` and a known request begins with it.
        public var path: String?
        /// An account's id, online id or letter.
        public var account: String?
        /// How many matching requests are let through first.
        public var skip: Int
        /// How many requests are affected after that; nil for all.
        public var times: Int?

        public init(
            method: String? = nil, path: String? = nil, account: String? = nil, skip: Int = 0, times: Int? = 1
        ) {
            self.method = method
            self.path = path
            self.account = account
            self.skip = skip
            self.times = times
        }

        func covers(_ request: SimulatedRequest) -> Bool {
            if let method, method != request.method { return false }
            guard let path else { return true }
            return isFromStart ? request.target.hasPrefix(path) : request.target.contains(path)
        }

        private var isFromStart: Bool { path.map { FaultPath($0).beginsRequest } ?? false }

        /// A warning if the path matches in an unusual way; nil if it does not.
        var note: String? {
            guard let path, !FaultPath(path).beginsRequest, path.hasPrefix("/") || !FaultPath(path).isInRequest else {
                return nil
            }
            return FaultPath(path).isInRequest
                ? "no request begins with '\(path)', so the fault affects all requests that contain it anywhere in the path"
                : "no known request contains '\(path)' in its path, so the fault affects only a client that sends such a request"
        }
    }

    /// What a fault does to a request.
    public enum Action: Sendable {
        /// Only the delay.
        case delay
        case drop
        case reset
        case status(SimulatedResponse)
        /// Refuses requests until the time in `Retry-After`.
        case retryAfter(RetryAfterRefusal)
        case wrongJSON
        case truncated(bodyBytes: Int)
        /// Expires all access tokens before the request is processed.
        case expireAccessTokens
        /// Invalidates all refresh tokens before the request is processed.
        case killRefreshTokens
        /// Removes the account from all parties before the request is processed.
        case loseMembership
        /// Adds this many kilobytes of headers to the upgrade response.
        case bigHeaders(kilobytes: Int)
        case noSubprotocol
        case noPong
        /// Splits every message of the connection into this many frames.
        case fragmented(pieces: Int)
        /// Performs these push actions as soon as the push connection is ready; withholding pongs is one of them.
        case onReady([SimulatedPushOutput], pongs: Bool = true)
    }
}
