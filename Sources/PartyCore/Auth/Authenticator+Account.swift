// A sign-in belongs to one server, and its tokens are sent to no other. Processes share state if they use the same
// server and account (docs/configuration.md, "Servers").
extension Authenticator {
    /// The account of this run, read without the network.
    /// - Throws: as `credentials`.
    package func account() throws(PartyError) -> ServiceAccount {
        if let pinned = environment.pinned.account(at: hosts) { return pinned }
        guard environment.settings.accessToken != nil else { return try credentials().account }
        guard let origin = hosts.served else {
            throw PartyError(.configuration, "\(hosts.authorization) is not an origin", step: "configuration")
        }
        let account = ServiceAccount(origin: origin, accountID: try fixedAccountID())
        environment.pinned.set(account, at: hosts)
        return account
    }

    /// The files of the profile, and those of the account.
    package func files() throws(PartyError) -> ProfileFiles {
        environment.files(of: try account())
    }

    /// - Throws: `.signIn` if the stored sign-in belongs to another server than that of the settings.
    package func requireServer() throws(PartyError) {
        guard environment.settings.accessToken == nil, let stored = try storedCredentials() else { return }
        try requireServer(of: stored)
    }

    func requireServer(of stored: Credentials, remedy: Remedy = .replaceSignIn) throws(PartyError) {
        guard environment.pinned.account(at: hosts) != stored.account,
            let stranger = hosts.stranger(to: stored.account.origin)
        else { return }
        throw elsewhere(stored, stranger, remedy)
    }

    /// - Throws: `.signIn` if an address from the service does not belong to the server of the sign-in.
    package func requireServer(at address: String) throws(PartyError) {
        guard environment.settings.accessToken == nil, let stored = try storedCredentials() else { return }
        let server = ServiceOrigin(address)
        if let server, stored.account.origin.issuesTokens(for: server) { return }
        throw elsewhere(stored, server?.description ?? address, .replaceSignIn)
    }

    private func elsewhere(_ stored: Credentials, _ stranger: String, _ remedy: Remedy) -> PartyError {
        let profile = environment.settings.profile
        return PartyError(
            .signIn, "profile \(profile) is signed in to \(stored.account.origin), not to \(stranger)",
            step: "sign-in", remedy: remedy)
    }

    func pin(_ stored: Credentials) throws(PartyError) {
        let account = stored.account
        guard let pinned = environment.pinned.account(at: hosts) else {
            if stored.origin == nil { adoptFiles(for: account) }
            return environment.pinned.set(account, at: hosts)
        }
        guard pinned == account else {
            throw PartyError(
                .signIn, "profile \(environment.settings.profile) was signed in as another account meanwhile",
                step: "sign-in", remedy: .beginAgain)
        }
    }

    /// Moves files of the layout without account folders to the account. Such files belong to a token file without a
    /// server. Best effort: a file that cannot be moved stays where it is.
    private func adoptFiles(for account: ServiceAccount) {
        for item in StoreItem.ofAccounts {
            do throws(StoreError) {
                let store = environment.store
                guard let bytes = try store.load(item), try store.load(item.of(account)) == nil else { continue }
                try store.save(item.of(account), bytes)
                try store.erase(item)
            } catch { continue }
        }
    }

    private var hosts: ServiceHosts { environment.settings.hosts }
}

// MARK: - Signing in and out

extension Authenticator {
    /// Call it before a secret is read, and again before it is sent.
    /// - Throws: `.signIn` if the profile has a sign-in of another server and `replacing` is false; `.configuration` if
    ///   the settings name several servers, so that a token would go to one that did not issue it.
    package func requireSignInAllowed(replacing: Bool) throws(PartyError) {
        let hosts = environment.settings.hosts
        guard let issuer = hosts.issuer, hosts.stranger(to: issuer) == nil else {
            let stranger = hosts.issuer.flatMap { hosts.stranger(to: $0) } ?? hosts.authorization
            throw PartyError(
                .configuration,
                "the settings name two servers: tokens come from \(hosts.authorization) and would go to \(stranger)",
                step: "configuration", remedy: .useOneServer)
        }
        guard !replacing, let bytes = try environment.files.load(.credentials),
            // A sign-in replaces an unreadable token file.
            let stored = try? CredentialsFile.decode(bytes), !stored.hasEnded
        else { return }
        try requireServer(of: stored)
    }

    /// Replaces the sign-in of the profile. The caller holds the lock of the token file.
    func replace(with credentials: Credentials) throws(PartyError) {
        if let old = ((try? storedCredentials()) ?? nil), old.account != credentials.account {
            if old.origin == nil { adoptFiles(for: old.account) }
            // The friends can be requested again; the other files of the account are kept for its next sign-in.
            try? environment.files(of: old.account).erase(.friends)
        }
        try save(credentials)
        environment.pinned.set(credentials.account, at: environment.settings.hosts)
    }

    /// Removes the tokens, valid or not.
    /// - Throws: `.signIn` if they belong to another server.
    package func signOut() async throws(PartyError) {
        // The layout without account folders has the last two in the profile's folder. `voice` contains bridge tokens.
        var items: [StoreItem] = [.credentials, .pendingLogin, .friends, .voice]
        let stored = (try? storedCredentials()) ?? nil
        if let stored {
            try requireServer(of: stored, remedy: .signOut(at: stored.account.origin))
        }
        items += environment.store.accountFolders().map { StoreItem.friends.in($0) }
        try await environment.files.forget(items)
    }
}
