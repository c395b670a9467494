extension PartyClient {
    /// The account of a user. Only an online id needs a request; it has to match exactly, except for case.
    /// - Throws: `PartyError` of kind `.notFound` if no account has this online id.
    public func user(_ reference: UserReference) async throws(PartyError) -> User {
        switch reference {
        case .me: return User(accountID: try await authenticator.token().accountID)
        case .account(let account): return User(accountID: account)
        case .onlineID(let name): return try await user(named: name)
        }
    }

    /// The same, and the service knows of the account.
    /// - Throws: `.notFound` where there is no such user.
    package func existingUser(_ reference: UserReference) async throws(PartyError) -> User {
        let user = try await user(reference)
        guard case .account(let account) = reference else { return user }
        do throws(PartyError) {
            _ = try await rest.send(endpoints.profile(of: account), step: "user look-up")
        } catch {
            // Of an unknown id the service says that the parameter is bad (docs/protocol.md, 9). Anything else is no answer to
            // the question, and the id is good without one.
            if error.status == 400 || error.kind == .notFound {
                throw PartyError(.notFound, "no such user: \(account)", step: "user look-up", hint: "check the number")
            }
            guard error.kind != .signIn, error.kind != .cancelled else { throw error }
        }
        return user
    }

    private func user(named name: String) async throws(PartyError) -> User {
        let missing = PartyError(.notFound, "no such user: \(name)", step: "user look-up", hint: "check the spelling")
        let found: UserPayload.NamedUser
        do throws(PartyError) {
            let response = try await rest.send(endpoints.account(of: name), step: "user look-up")
            found = try read(response, step: "user look-up", UserPayload.user)
        } catch {
            throw error.kind == .notFound ? error.explained("no such user: \(name)") : error
        }
        // The service may answer with an account of a similar name. A former name is a hit: it finds a renamed account.
        guard found.isNamed(name) else { throw missing }
        return found.user
    }

    /// The id of this device in the sign-in and in memberships.
    package func deviceID() async throws(PartyError) -> String {
        try await DeviceIdentity(environment).deviceID()
    }

    /// Lists the friends of the account with online ids and presence, as far as the service tells them (docs/protocol.md, 9).
    /// - Parameter needsPresence: whether a presence that cannot be looked up is an error.
    public func friends(needsPresence: Bool = false) async throws(PartyError) -> [Friend] {
        var accounts: [AccountID] = []
        var offset: Int64? = 0
        while let from = offset {
            let response = try await rest.send(endpoints.friends(offset: from), step: "friends")
            let page = try read(response, step: "friends", UserPayload.friends)
            accounts += page.ids
            offset = page.nextOffset.flatMap { $0 > from && !page.ids.isEmpty ? $0 : nil }
        }
        let friends = try await described(accounts, needsPresence: needsPresence)
        let names = friends.compactMap(\.onlineID)
        // Names that could not be looked up this time are no reason to forget those of the last.
        if !names.isEmpty || friends.isEmpty { keep(names: names) }
        return friends
    }

    /// The online ids of our friends as they were last listed; none where nothing can be read.
    package func rememberedFriends() -> [String] {
        guard let bytes = try? authenticator.files().load(.friends), let names = try? JSONDocument(bytes).root else {
            return []
        }
        return names.elements.compactMap(\.string)
    }

    /// Only the completion of the shell uses it, so a failure is not reported.
    private func keep(names: [String]) {
        let bytes = JSONWriter.text { json in json.array(names) { json, name in json.string(name) } }
        try? authenticator.files().save(.friends, bytes + [0x0A])
    }

    /// The share link of a party session (docs/protocol.md, 8).
    /// - Throws: `PartyError` of kind `.forbidden` if this account is no member.
    public func shareLink(of id: PartyID) async throws(PartyError) -> String {
        try read(try await send(endpoints.shareLink(id), about: id, step: "link"), step: "link", UserPayload.shareURL)
    }

    /// Changes one setting of a party session.
    /// - Throws: `PartyError` of kind `.forbidden` if this account is no member.
    public func edit(_ id: PartyID, _ property: PartyProperty) async throws(PartyError) {
        _ = try await send(endpoints.edit(id, property), about: id, step: "edit")
    }
}
