/// The account that is signed in, and the expiry of its sign-in.
public struct Account: Sendable, Equatable {
    /// The account.
    public let accountID: AccountID
    /// The online id; `nil` if it could not be looked up.
    public let onlineID: String?
    /// When the access token expires; it is refreshed before.
    public let expiresAt: Timestamp?
    /// When a new sign-in is needed; a refresh does not postpone it (docs/protocol.md, 2.3).
    public let refreshExpiresAt: Timestamp?
}

extension PartyClient {
    /// Checks, before a secret is read, whether a sign-in is possible.
    /// - Parameter replacing: whether a sign-in of another server may be replaced.
    /// - Parameter byRedirect: whether it completes a sign-in that `beginSignIn` started.
    package func requireSignIn(replacing: Bool, byRedirect: Bool) throws(PartyError) {
        let signIn = SignIn(environment, replacing: replacing)
        try signIn.requireSignInAllowed()
        if byRedirect { _ = try signIn.pendingState() }
    }

    /// Starts a sign-in in a browser. `signIn(redirect:)` completes it (docs/protocol.md, 2.1).
    /// - Parameter replacing: whether a sign-in to another server may be replaced.
    /// - Returns: the address to open in a browser.
    /// - Throws: `PartyError` of kind `.configuration` if there is no OAuth client.
    public func beginSignIn(replacing: Bool = false) async throws(PartyError) -> String {
        try await SignIn(environment, replacing: replacing).begin()
    }

    /// Signs in with the address at which the browser ended.
    /// - Parameters:
    ///   - redirect: the address, or only its code.
    ///   - replacing: whether a sign-in to another server may be replaced.
    /// - Throws: `PartyError` of kind `.signIn` if the service refuses, `.badData` if the address is not one of this
    ///   sign-in.
    public func signIn(redirect: Redacted<String>, replacing: Bool = false) async throws(PartyError) -> Account {
        try await named(try await SignIn(environment, replacing: replacing).finish(redirect: redirect))
    }

    /// Signs in with the NPSSO cookie of a browser (docs/protocol.md, 2.2).
    /// - Parameters:
    ///   - npsso: the cookie, or the JSON page that shows it.
    ///   - replacing: whether a sign-in to another server may be replaced.
    /// - Throws: `PartyError` of kind `.signIn` if the service refuses, `.badData` if it is no NPSSO.
    public func signIn(npsso: Redacted<String>, replacing: Bool = false) async throws(PartyError) -> Account {
        try await named(try await SignIn(environment, replacing: replacing).finish(npsso: npsso))
    }

    /// Removes the tokens and the files of the account. The device id stays: a new sign-in is one of the same device.
    public func signOut() async throws(PartyError) {
        try await authenticator.signOut()
    }

    /// Checks the sign-in before a call that makes several requests, or does something before the first. A dry run
    /// needs no sign-in, but must not have one to another server.
    /// - Throws: `.signIn` if no request of this account can be sent to this server.
    package func requireSignIn() throws(PartyError) {
        guard environment.dryRun == nil else { return try authenticator.requireServer() }
        _ = try authenticator.account()
    }

    /// The account of the profile and its server; `nil` if the profile is not signed in to this server.
    package func signedInAccount() -> ServiceAccount? {
        try? authenticator.account()
    }

    /// A valid access token, refreshed if necessary. A refresh that has begun is completed and stored also if the task
    /// is cancelled.
    /// - Throws: `PartyError` of kind `.signIn` if a new sign-in is needed.
    public func accessToken() async throws(PartyError) -> SignedIn {
        try await authenticator.token()
    }

    /// The account that is signed in, from the token file. The service is asked for an online id that the file lacks.
    /// - Throws: `PartyError` of kind `.signIn` if the profile is not signed in to this server.
    public func account() async throws(PartyError) -> Account {
        guard environment.settings.accessToken == nil else {
            let signedIn = try await authenticator.token()
            return Account(
                accountID: signedIn.accountID, onlineID: try await nameIfKnown(of: signedIn.accountID),
                expiresAt: signedIn.expiresAt, refreshExpiresAt: nil)
        }
        return try await named(try authenticator.credentials())
    }

    /// The online id is looked up once and stored with the tokens.
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

    /// The online id; `nil` if it cannot be looked up. A refused token is an error.
    private func nameIfKnown(of account: AccountID) async throws(PartyError) -> String? {
        do throws(PartyError) { return try await onlineID(of: account) } catch {
            guard error.kind != .cancelled, error.kind != .signIn else { throw error }
            environment.notice("the online id is not known: \(error.message)")
            return nil
        }
    }
}
