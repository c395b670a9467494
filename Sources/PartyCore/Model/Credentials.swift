/// What a sign-in left behind: the tokens, how long they last, and whose they are.
public struct Credentials: Sendable, Equatable {
    /// Where they were issued, and the only server that they are sent to; `nil` in files that were written before it was
    /// kept, which the real service issued.
    public var origin: ServiceOrigin?
    /// The bearer of every request: a JWT (docs/protocol.md, 2.5).
    public var accessToken: Redacted<String>
    /// What a new access token is bought with; `nil` where the sign-in gave none.
    public var refreshToken: Redacted<String>?
    /// When it came, by our clock.
    public var issuedAt: Timestamp
    /// When the access token ends, by our clock.
    public var expiresAt: Timestamp
    /// Absolute: a refresh does not extend it (docs/protocol.md, 2.3).
    public var refreshExpiresAt: Timestamp?
    /// Whose tokens these are.
    public var accountID: AccountID
    /// The account's name, once it was looked up.
    public var onlineID: String?

    public init(
        origin: ServiceOrigin?, accessToken: Redacted<String>, refreshToken: Redacted<String>?, issuedAt: Timestamp,
        expiresAt: Timestamp, refreshExpiresAt: Timestamp?, accountID: AccountID, onlineID: String?
    ) {
        self.origin = origin
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.refreshExpiresAt = refreshExpiresAt
        self.accountID = accountID
        self.onlineID = onlineID
    }

    /// Whose tokens these are, and at which server.
    public var account: ServiceAccount {
        ServiceAccount(origin: origin ?? .realService, accountID: accountID)
    }

    /// What is kept of a sign-in that the service has ended: whose it was, and no token.
    package var ended: Credentials {
        var ended = self
        ended.accessToken = Redacted("")
        ended.refreshToken = nil
        return ended
    }

    /// Whether nothing but a new sign-in helps.
    package var hasEnded: Bool { accessToken.reveal().isEmpty && refreshToken == nil }
}
