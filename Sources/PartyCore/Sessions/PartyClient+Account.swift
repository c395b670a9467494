/// Who is signed in, and for how long.
public struct Account: Sendable, Equatable {
    /// Whose sign-in it is.
    public let accountID: AccountID
    /// The name; `nil` where it could not be looked up.
    public let onlineID: String?
    /// When the access token ends.
    public let expiresAt: Timestamp?
    /// When a new sign-in is needed; no refresh puts it off (docs/protocol.md, 2.3).
    public let refreshExpiresAt: Timestamp?
}

extension PartyClient {
    /// Asked before a secret is read: whether a sign-in can take place here.
    /// - Parameter replacing: whether a sign-in of another server may be replaced.
    /// - Parameter byRedirect: whether it ends what `beginSignIn` began.
    package func requireSignIn(replacing: Bool, byRedirect: Bool) throws(PartyError) {
        let signIn = SignIn(environment, replacing: replacing)
        try signIn.requireRoom()
        if byRedirect { _ = try signIn.pendingState() }
    }

    /// The address to open in a browser; the sign-in ends with `signIn(redirect:)`.
    /// - Parameter replacing: whether a sign-in of another server may be replaced, here as below.
    public func beginSignIn(replacing: Bool = false) async throws(PartyError) -> String {
        try await SignIn(environment, replacing: replacing).begin()
    }

    /// Signs in with the address that the browser was redirected to, or the bare code.
    public func signIn(redirect: Redacted<String>, replacing: Bool = false) async throws(PartyError) -> Account {
        try await named(try await SignIn(environment, replacing: replacing).finish(redirect: redirect))
    }

    /// Signs in with the NPSSO cookie of a browser.
    public func signIn(npsso: Redacted<String>, replacing: Bool = false) async throws(PartyError) -> Account {
        try await named(try await SignIn(environment, replacing: replacing).finish(npsso: npsso))
    }

    /// Forgets the tokens and what goes with them. The device id stays: a new sign-in is one of the same device.
    public func signOut() async throws(PartyError) {
        try await authenticator.signOut()
    }

    /// For what makes several requests, or does something before the first. A rehearsal needs no sign-in, but none of
    /// another server either.
    /// - Throws: `.signIn` where no request of this account can be sent here.
    package func requireSignIn() throws(PartyError) {
        guard environment.rehearse == nil else { return try authenticator.requireServer() }
        _ = try authenticator.account()
    }

    /// Whom the profile speaks for, and at which server; `nil` where it is not signed in to this one.
    package func signedInAccount() -> ServiceAccount? {
        try? authenticator.account()
    }

    /// A valid access token, refreshed if need be.
    public func accessToken() async throws(PartyError) -> SignedIn {
        try await authenticator.token()
    }

    /// Who is signed in: from the token file where it says so, else asked of the service.
    public func account() async throws(PartyError) -> Account {
        guard environment.settings.accessToken == nil else {
            let signedIn = try await authenticator.token()
            return Account(
                accountID: signedIn.accountID, onlineID: try await nameIfKnown(of: signedIn.accountID),
                expiresAt: signedIn.expiresAt, refreshExpiresAt: nil)
        }
        return try await named(try authenticator.credentials())
    }

    /// The name is looked up once and kept beside the tokens.
    private func named(_ credentials: Credentials) async throws(PartyError) -> Account {
        var credentials = credentials
        if credentials.onlineID == nil {
            credentials.onlineID = try? await onlineID(of: credentials.accountID)
            // The look-up may have renewed the token: only the name is ours to write.
            if let onlineID = credentials.onlineID { try? await keep(onlineID: onlineID, of: credentials.accountID) }
        }
        return Account(
            accountID: credentials.accountID, onlineID: credentials.onlineID, expiresAt: credentials.expiresAt,
            refreshExpiresAt: credentials.refreshExpiresAt)
    }

    private func keep(onlineID: String, of account: AccountID) async throws(PartyError) {
        try await environment.files.locked(.credentials) { () throws(PartyError) in
            var stored = try authenticator.credentials()
            guard stored.accountID == account else { return }
            stored.onlineID = onlineID
            try authenticator.save(stored)
        }
    }

    /// The name adds to who is signed in: one that cannot be had is `nil`, unless the token itself is refused.
    private func nameIfKnown(of account: AccountID) async throws(PartyError) -> String? {
        do throws(PartyError) { return try await onlineID(of: account) } catch {
            guard error.kind != .cancelled, error.kind != .signIn else { throw error }
            environment.notice("the online id is not known: \(error.message)")
            return nil
        }
    }
}
