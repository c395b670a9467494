/// The error of every call of the library: what failed, at which step, and what can be done. It contains no secret.
public struct PartyError: Error, Sendable, Equatable {
    /// The kind of failure. Each has an exit status in psparty (docs/exit-codes.md).
    public enum Kind: Sendable, Equatable, CaseIterable {
        /// The service refused, for a reason that no other case names.
        case refused
        /// No such party session, user, invitation or file.
        case notFound
        /// Not signed in, or the sign-in has expired or was refused.
        case signIn
        /// Not a member, or not invited.
        case forbidden
        /// The party is full, or the request conflicts with the present state.
        case conflict
        /// Too many requests.
        case rateLimited
        /// No connection, or the service has a fault.
        case unreachable
        /// The server's certificate is not trusted.
        case tls
        /// The response is not what the protocol requires.
        case protocolViolation
        /// The time limit that was given passed.
        case timeout
        /// Input data that cannot be read.
        case badData
        /// A local file that cannot be read or written.
        case storage
        /// The call makes no valid request. Nothing was sent.
        case usage
        /// A setting that is missing or wrong.
        case configuration
        /// The task was cancelled.
        case cancelled
        /// The engine of a voice run crashed or broke its protocol.
        case engineFailed
        /// A bug, or a limit of this machine.
        case internalFault
    }

    /// The kind of failure, for decisions.
    public var kind: Kind
    /// A clause that says what happened, without a full stop.
    public var message: String
    /// The step at which it failed: `look-up`, `TLS`, `sign-in`, …
    public var step: String?
    /// The HTTP status, if the service responded.
    public var status: Int?
    /// The service's id of the request.
    public var requestID: String?
    /// Advice in words, if it needs no words of the program that shows the error.
    public var hint: String?
    /// What can be done, as a value. The program that shows the error finds the words.
    public var remedy: Remedy?
    /// Whether the service may have carried out the request although the call failed.
    public var mayHaveActed = false
    /// The service's own message about a refusal.
    package var serviceWords: String?
    /// When the service wants the next try, if it said so.
    package var advice: RetryAdvice?

    /// An error that says what failed, at which step, and what can be done.
    public init(
        _ kind: Kind, _ message: String, step: String? = nil, status: Int? = nil, requestID: String? = nil,
        hint: String? = nil, remedy: Remedy? = nil
    ) {
        self.kind = kind
        self.message = message
        self.step = step
        self.status = status
        self.requestID = requestID
        self.hint = hint
        self.remedy = remedy
    }
}
