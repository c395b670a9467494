/// The result of a sign-in: the tokens, their expiry, and the account.
package struct Credentials: Sendable, Equatable {
    /// Where they were issued, and the only server that they are sent to; `nil` in files that were written before it was
    /// kept, which the real service issued.
    package var origin: ServiceOrigin?
    /// The bearer of every request: a JWT (docs/protocol.md, 2.5).
    package var accessToken: Redacted<String>
    /// Gets a new access token; `nil` if the sign-in returned none.
    package var refreshToken: Redacted<String>?
    /// When the tokens arrived, by this machine's clock.
    package var issuedAt: Timestamp
    /// When the access token expires, by this machine's clock.
    package var expiresAt: Timestamp
    /// When the refresh token expires. A refresh does not extend it (docs/protocol.md, 2.3).
    package var refreshExpiresAt: Timestamp?
    /// The account of the tokens.
    package var accountID: AccountID
    /// The account's online id, once it was looked up.
    package var onlineID: String?
    /// A refresh was sent and its response was not saved. The service may have withdrawn the refresh token.
    package var isRefreshUnanswered = false

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

    /// The account of the tokens, and its server.
    package var account: ServiceAccount {
        ServiceAccount(origin: origin ?? .realService, accountID: accountID)
    }

    /// These credentials while a refresh is under way.
    package var refreshing: Credentials {
        var refreshing = self
        refreshing.isRefreshUnanswered = true
        return refreshing
    }

    /// The part that is kept of a sign-in that the service has ended: the account, without tokens.
    package var ended: Credentials {
        var ended = self
        ended.accessToken = Redacted("")
        ended.refreshToken = nil
        return ended
    }

    /// Whether only a new sign-in helps.
    package var hasEnded: Bool { accessToken.reveal().isEmpty && refreshToken == nil }
}
