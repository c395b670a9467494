// A sign-in belongs to one server: its tokens are sent to no other, and what is shared is shared among those who agree in
// server and account (docs/configuration.md, "Servers").
extension Authenticator {
    /// Whom this run speaks for, without the network.
    /// - Throws: as `credentials`.
    package func account() throws(PartyError) -> ServiceAccount {
        if let pinned = environment.pinned.account(at: hosts) { return pinned }
        guard environment.settings.accessToken != nil else { return try credentials().account }
        guard let origin = hosts.served else {
            throw PartyError(.configuration, "\(hosts.authorization) is no origin", step: "configuration")
        }
        let account = ServiceAccount(origin: origin, accountID: try fixedAccountID())
        environment.pinned.set(account, at: hosts)
        return account
    }

    /// The files of the profile, and those of the account.
    package func files() throws(PartyError) -> ProfileFiles {
        environment.files(of: try account())
    }

    /// - Throws: `.signIn` where there is a sign-in and it belongs to another server than the settings lead to.
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

    /// - Throws: `.signIn` for an address that the service has named and that the sign-in's server has nothing to do with.
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
                step: "sign-in", hint: "run it again to act for that account")
        }
    }

    /// Files from before they were kept for each account belong to the sign-in from before its server was kept. Best
    /// effort: what cannot be moved stays where it is.
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
    /// Asked before anything secret is read, and before it is sent.
    /// - Throws: `.signIn` where the profile has a sign-in of another server and it is not to be replaced;
    ///   `.configuration` where the settings lead to several servers, so that a token would go to one that did not issue it.
    package func requireRoom(replacing: Bool) throws(PartyError) {
        let hosts = environment.settings.hosts
        guard let issuer = hosts.issuer, hosts.stranger(to: issuer) == nil else {
            let stranger = hosts.issuer.flatMap { hosts.stranger(to: $0) } ?? hosts.authorization
            throw PartyError(
                .configuration,
                "the settings lead to two servers: tokens come from \(hosts.authorization) and would go to \(stranger)",
                step: "configuration", remedy: .useOneServer)
        }
        guard !replacing, let bytes = try environment.files.load(.credentials),
            // One that cannot be read is mended by a sign-in.
            let stored = try? CredentialsFile.decode(bytes), !stored.hasEnded
        else { return }
        try requireServer(of: stored)
    }

    /// Replaces the sign-in of the profile. The caller holds the lock of the token file.
    func replace(with credentials: Credentials) throws(PartyError) {
        if let old = ((try? storedCredentials()) ?? nil), old.account != credentials.account {
            if old.origin == nil { adoptFiles(for: old.account) }
            // A list that can be had again, of another account's friends; all else is kept for its return.
            try? environment.files(of: old.account).erase(.friends)
        }
        try save(credentials)
        environment.pinned.set(credentials.account, at: environment.settings.hosts)
    }

    /// Forgets the tokens, whether they can still be used or not.
    /// - Throws: `.signIn` where they are those of another server.
    package func signOut() async throws(PartyError) {
        // Once the last two were kept for the profile, and are still so where no command came in between. One holds bridge tokens.
        var items: [StoreItem] = [.credentials, .pendingLogin, .friends, .voice]
        let stored = (try? storedCredentials()) ?? nil
        if let stored {
            try requireServer(of: stored, remedy: .signOut(at: stored.account.origin))
        }
        items += environment.store.accountFolders().map { StoreItem.friends.in($0) }
        try await environment.files.forget(items)
    }
}
