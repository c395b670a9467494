/// The one error of the library's face: what failed, at which step, and what to do about it. It carries no secret.
public struct PartyError: Error, Sendable, Equatable {
    /// What kind of failure it is; each has its exit status (docs/exit-codes.md).
    public enum Kind: Sendable, Equatable, CaseIterable {
        /// The service said no, for a reason that no other case names.
        case refused
        /// No such party session, user, invitation or file.
        case notFound
        /// Not signed in, or the sign-in has expired or was refused.
        case signIn
        /// Not a member, or not invited.
        case forbidden
        /// Full, or in conflict with what is there.
        case conflict
        /// Too many requests.
        case rateLimited
        /// No connection, or the service is broken.
        case unreachable
        /// No trust in the server.
        case tls
        /// An answer that is not what it should be.
        case protocolViolation
        /// The wait that was asked for ended first.
        case timeout
        /// Input data that cannot be read.
        case badData
        /// A local file that cannot be read or written.
        case storage
        /// Words that are no request to this service: nothing was sent.
        case usage
        /// A setting that is missing or wrong.
        case configuration
        /// The task was cancelled.
        case cancelled
        /// The engine of a voice run crashed, or does not keep to its protocol.
        case engineFailed
        /// A bug in psparty.
        case internalFault
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// A clause that says what happened, without a full stop.
    public var message: String
    /// The step at which it failed: `look-up`, `TLS`, `sign-in`, …
    public var step: String?
    /// The HTTP status, where the service answered.
    public var status: Int?
    /// The id by which the service knows the request.
    public var requestID: String?
    /// The way out in words, where there is one that needs no command.
    public var hint: String?
    /// What the user can do, as a value. The program that shows the error finds the words.
    public var remedy: Remedy?
    /// Whether the service may have done what was asked although no good answer came.
    public var mayHaveActed = false
    /// The service's own words about a refusal.
    package var serviceWords: String?
    /// When the service wants to be asked again, where it said so.
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
