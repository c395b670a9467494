/// What a sign-in left behind: the tokens, how long they last, and whose they are.
package struct Credentials: Sendable, Equatable {
    /// Where they were issued, and the only server that they are sent to; `nil` in files that were written before it was
    /// kept, which the real service issued.
    package var origin: ServiceOrigin?
    /// The bearer of every request: a JWT (docs/protocol.md, 2.5).
    package var accessToken: Redacted<String>
    /// What a new access token is bought with; `nil` where the sign-in gave none.
    package var refreshToken: Redacted<String>?
    /// When it came, by our clock.
    package var issuedAt: Timestamp
    /// When the access token ends, by our clock.
    package var expiresAt: Timestamp
    /// Absolute: a refresh does not extend it (docs/protocol.md, 2.3).
    package var refreshExpiresAt: Timestamp?
    /// Whose tokens these are.
    package var accountID: AccountID
    /// The account's name, once it was looked up.
    package var onlineID: String?

    package init(
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
    package var account: ServiceAccount {
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
