/// A misbehaviour of the service: which requests it strikes and what becomes of them.
public struct Fault: Sendable {
    public var match: Match
    public var action: Action
    /// How long the reply is held back besides.
    public var delayMilliseconds: Int
    /// Whether the service does as it was asked although the answer is replaced.
    public var isProcessed: Bool

    public init(match: Match, action: Action, delayMilliseconds: Int = 0, isProcessed: Bool = false) {
        self.match = match
        self.action = action
        self.delayMilliseconds = delayMilliseconds
        self.isProcessed = isProcessed
    }

    /// Which requests a fault strikes; what is nil matches all.
    public struct Match: Sendable {
        public var method: String?
        /// A part of path and query; from the start of it where it begins with `/` and a request of the service begins so.
        public var path: String?
        /// An account's id, online id or letter.
        public var account: String?
        /// How many matching requests pass first.
        public var skip: Int
        /// How many are struck then; nil for all.
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

        /// What a person may not expect of the path; nil where nothing is unusual.
        var note: String? {
            guard let path, !FaultPath(path).beginsRequest, path.hasPrefix("/") || !FaultPath(path).isInRequest else {
                return nil
            }
            return FaultPath(path).isInRequest
                ? "no request begins with '\(path)': the fault strikes each that has it anywhere in its path"
                : "the service knows no request with '\(path)' in its path: the fault strikes only a client that sends one"
        }
    }

    /// What becomes of a request.
    public enum Action: Sendable {
        /// Only the delay.
        case delay
        case drop
        case reset
        case status(SimulatedResponse)
        /// Refused until a time that `Retry-After` names.
        case retryAfter(RetryAfterRefusal)
        case wrongJSON
        case truncated(bodyBytes: Int)
        /// All access tokens expire before the request is looked at.
        case expireAccessTokens
        /// All refresh tokens die before the request is looked at.
        case killRefreshTokens
        /// All parties forget the account's membership before the request is looked at.
        case loseMembership
        /// The upgrade's answer carries so many kilobytes of headers.
        case bigHeaders(kilobytes: Int)
        case noSubprotocol
        case noPong
        /// Every message of the connection goes out in so many frames.
        case fragmented(pieces: Int)
        /// As soon as the push connection is ready, these are sent; a stream without pongs is one of them.
        case onReady([SimulatedPushOutput], pongs: Bool = true)
    }
}
