/// An access token and its account.
public struct SignedIn: Sendable, Equatable {
    /// The access token.
    public let accessToken: Redacted<String>
    /// The account that the token names (docs/protocol.md, 2.5).
    public let accountID: AccountID
    /// When it expires; `nil` for a given token that does not say.
    public let expiresAt: Timestamp?
    /// When it is due for a refresh; `nil` for a given token.
    public let renewalDue: Timestamp?

    package init(
        accessToken: Redacted<String>, accountID: AccountID, expiresAt: Timestamp?, renewalDue: Timestamp? = nil
    ) {
        self.accessToken = accessToken
        self.accountID = accountID
        self.expiresAt = expiresAt
        self.renewalDue = renewalDue
    }
}

/// Returns access tokens and refreshes them. It keeps no token in memory: the token file is the only source. The lock
/// of that file ensures that concurrent processes and tasks send one refresh.
package struct Authenticator: Sendable {
    let environment: PartyEnvironment

    package init(_ environment: PartyEnvironment) {
        self.environment = environment
    }

    /// A token that is valid for some time, refreshed if necessary.
    /// A refresh that has begun runs to its end even if the task is cancelled, because the new token would be lost
    /// otherwise.
    /// - Throws: `PartyError.Kind.signIn` if a new sign-in is needed. A network error of a refresh keeps the stored
    ///   tokens.
    package func token() async throws(PartyError) -> SignedIn {
        if let fixed = environment.settings.accessToken { return try Self.signedIn(fixed) }
        let stored = try credentials()
        return Self.signedIn(isFresh(stored) ? stored : try await refreshed(stored))
    }

    /// A token other than the refused one.
    package func token(replacing refused: Redacted<String>) async throws(PartyError) -> SignedIn {
        guard environment.settings.accessToken == nil else {
            throw PartyError(
                .signIn, "the given access token was refused", step: "sign-in", remedy: .renewAccessToken)
        }
        let stored = try credentials()
        return Self.signedIn(stored.accessToken == refused ? try await refreshed(stored) : stored)
    }

    /// The content of the token file.
    /// - Throws: `PartyError.Kind.signIn` if there is none, if it belongs to another server than that of the settings,
    ///   or if it has expired.
    package func credentials() throws(PartyError) -> Credentials {
        let profile = environment.settings.profile
        guard let stored = try storedCredentials() else {
            // For example a simulator that stopped, which removes its state folder.
            guard environment.pinned.account(at: environment.settings.hosts) == nil else {
                let problem = "the sign-in of profile \(profile) was removed while this command ran"
                throw PartyError(.signIn, problem, step: "sign-in", remedy: .signInAgain)
            }
            throw PartyError(.signIn, "not signed in as profile \(profile)", step: "sign-in", remedy: .signIn)
        }
        try requireServer(of: stored)
        guard !stored.hasEnded else { throw Self.expired("the sign-in of profile \(profile)", stored) }
        try pin(stored)
        return stored
    }

    package func save(_ credentials: Credentials) throws(PartyError) {
        try environment.files.save(.credentials, CredentialsFile.encode(credentials))
    }

    func storedCredentials() throws(PartyError) -> Credentials? {
        guard let bytes = try environment.files.load(.credentials) else { return nil }
        do throws(CodecError) {
            return try CredentialsFile.decode(bytes)
        } catch {
            throw PartyError(
                .storage, "the token file of profile \(environment.settings.profile) cannot be read: \(error)",
                step: "state", remedy: .signInAgain)
        }
    }

    private func isFresh(_ credentials: Credentials) -> Bool {
        environment.clock.now() < Self.renewalDue(credentials)
    }

    /// 300 s before the end, but at most a fifth of the token's lifetime.
    private static func renewalDue(_ credentials: Credentials) -> Timestamp {
        let lifetime = credentials.expiresAt - credentials.issuedAt
        return credentials.expiresAt.advanced(by: .zero - min(.seconds(300), lifetime / 5))
    }

    private func refreshed(_ seen: Credentials) async throws(PartyError) -> Credentials {
        // Not a child task: after the request is sent, its response must reach the file.
        let work = Task { () async -> Result<Credentials, PartyError> in
            do throws(PartyError) {
                return .success(
                    try await environment.files.locked(.credentials) { () async throws(PartyError) in
                        try await refreshUnderLock(seen)
                    })
            } catch { return .failure(error) }
        }
        return try await work.value.get()
    }

    private func refreshUnderLock(_ seen: Credentials) async throws(PartyError) -> Credentials {
        let stored = try credentials()
        // Another process refreshed while this one waited.
        if stored.accessToken != seen.accessToken, stored.expiresAt > environment.clock.now() { return stored }
        do throws(PartyError) {
            let renewed = try await exchange(stored)
            try save(renewed)
            return renewed
        } catch {
            let isUsable = stored.expiresAt > environment.clock.now() && stored.accessToken == seen.accessToken
            guard Self.isUnrelatedToToken(error), isUsable, !isFresh(stored) else { throw error }
            return stored
        }
    }

    /// Whether a refresh failed for a reason that does not affect the present token.
    private static func isUnrelatedToToken(_ error: PartyError) -> Bool {
        switch error.kind {
        case .unreachable, .storage, .rateLimited, .protocolViolation, .tls, .timeout: true
        default: false
        }
    }

    /// - Parameter status: of the response that says so.
    private static func expired(_ signIn: String, _ stored: Credentials, status: Int? = nil) -> PartyError {
        var message = signIn + " has expired or was revoked"
        if stored.isRefreshUnanswered {
            message += "; the response to an earlier token refresh was lost, so the service may have withdrawn it"
        }
        return PartyError(.signIn, message, step: "sign-in", status: status, remedy: .signInAgain)
    }

    private func exchange(_ stored: Credentials) async throws(PartyError) -> Credentials {
        guard let refreshToken = stored.refreshToken else {
            throw PartyError(
                .signIn, "the sign-in has expired", step: "sign-in", remedy: .signInAgain)
        }
        // The service may withdraw the refresh token when it is used: if the disk takes no file, the new one would be lost. The
        // saved mark tells the same after a lost response, or the end of this process.
        try save(stored.refreshing)
        do throws(PartyError) {
            let grant = TokenGrant.refresh(refreshToken)
            if let renewed = try await grant.redeem(in: environment, previous: stored) { return renewed }
        } catch {
            let isAnswered = error.status != nil || !error.mayHaveActed
            if isAnswered { try? save(stored) }
            throw error
        }
        try save(stored.ended)
        throw Self.expired("the sign-in", stored, status: 400)
    }

    private static func signedIn(_ credentials: Credentials) -> SignedIn {
        SignedIn(
            accessToken: credentials.accessToken, accountID: credentials.accountID, expiresAt: credentials.expiresAt,
            renewalDue: renewalDue(credentials))
    }

    /// The account of a given token.
    func fixedAccountID() throws(PartyError) -> AccountID {
        try Self.signedIn(environment.settings.accessToken ?? Redacted("")).accountID
    }

    private static func signedIn(_ token: Redacted<String>) throws(PartyError) -> SignedIn {
        do throws(CodecError) {
            let claims = try AccessToken(token)
            return SignedIn(accessToken: token, accountID: claims.accountID, expiresAt: claims.expiresAt)
        } catch {
            throw PartyError(
                .configuration, "the given access token cannot be used: \(error.problem)", step: "sign-in",
                remedy: .correctAccessToken)
        }
    }
}
