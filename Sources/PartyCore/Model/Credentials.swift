/// What a sign-in left behind: the tokens, how long they last, and whose they are.
public struct Credentials: Sendable, Equatable {
    public var accessToken: Redacted<String>
    public var refreshToken: Redacted<String>?
    public var issuedAt: Timestamp
    public var expiresAt: Timestamp
    /// Absolute: a refresh does not extend it (docs/protocol.md, 2.3).
    public var refreshExpiresAt: Timestamp?
    public var accountID: AccountID
    public var onlineID: String?

    public init(
        accessToken: Redacted<String>, refreshToken: Redacted<String>?, issuedAt: Timestamp, expiresAt: Timestamp,
        refreshExpiresAt: Timestamp?, accountID: AccountID, onlineID: String?
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.refreshExpiresAt = refreshExpiresAt
        self.accountID = accountID
        self.onlineID = onlineID
    }
}
