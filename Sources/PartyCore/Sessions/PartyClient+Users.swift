extension PartyClient {
    /// The account that a user means: looked up by name where it is a name, exactly.
    /// - Throws: `.notFound` where nobody has just that name.
    public func user(_ reference: UserReference) async throws(PartyError) -> User {
        switch reference {
        case .me: return User(accountID: try await authenticator.token().accountID)
        case .account(let account): return User(accountID: account)
        case .onlineID(let name): return try await user(named: name)
        }
    }

    private func user(named name: String) async throws(PartyError) -> User {
        let nobody = PartyError(.notFound, "no such user: \(name)", step: "user look-up", hint: "check the spelling")
        let user: User
        do throws(PartyError) {
            let response = try await rest.send(endpoints.account(of: name), step: "user look-up")
            user = try read(response, step: "user look-up", UserPayload.user)
        } catch {
            throw error.kind == .notFound ? error.explained("no such user: \(name)") : error
        }
        // The service may answer with somebody of a similar name; who is not named exactly is not meant.
        guard user.onlineID?.lowercased() == name.lowercased() else { throw nobody }
        return user
    }

    /// The id of this device, as sign-in and membership name it.
    public func deviceID() async throws(PartyError) -> String {
        try await DeviceIdentity(environment).deviceID()
    }

    private static let batch = 100

    /// Our friends, with names and presence as far as they are to be had.
    public func friends() async throws(PartyError) -> [Friend] {
        var accounts: [AccountID] = []
        var offset: Int64? = 0
        while let from = offset {
            let response = try await rest.send(endpoints.friends(offset: from), step: "friends")
            let page = try read(response, step: "friends", UserPayload.friends)
            accounts += page.ids
            offset = page.nextOffset.flatMap { $0 > from && !page.ids.isEmpty ? $0 : nil }
        }
        var friends: [Friend] = []
        for start in stride(from: 0, to: accounts.count, by: Self.batch) {
            friends += try await describe(Array(accounts[start..<min(start + Self.batch, accounts.count)]))
        }
        keep(names: friends.compactMap(\.onlineID))
        return friends
    }

    /// The online ids of our friends as they were last listed; none where nothing can be read.
    public func rememberedFriends() -> [String] {
        guard let bytes = try? authenticator.files().load(.friends), let names = try? JSONDocument(bytes).root else {
            return []
        }
        return names.elements.compactMap(\.string)
    }

    /// Only the shell's completion goes by it: not worth a word where it cannot be kept.
    private func keep(names: [String]) {
        let bytes = JSONWriter.text { json in json.array(names) { json, name in json.string(name) } }
        try? authenticator.files().save(.friends, bytes + [0x0A])
    }

    private func describe(_ accounts: [AccountID]) async throws(PartyError) -> [Friend] {
        let profiles = try await rest.send(endpoints.profiles(of: accounts), step: "friends")
        let names = try read(profiles, step: "friends") { (body) throws(CodecError) in
            try UserPayload.onlineIDs(in: body, of: accounts)
        }
        let response = try await rest.send(endpoints.presences(of: accounts), step: "presence")
        let presences = try read(response, step: "presence", UserPayload.presences)
        return accounts.map { account in
            Friend(
                accountID: account, onlineID: names[account], availability: presences[account]?.availability,
                platform: presences[account]?.platform)
        }
    }

    /// The party session's share link.
    public func shareLink(of id: PartyID) async throws(PartyError) -> String {
        try read(try await send(endpoints.shareLink(id), about: id, step: "link"), step: "link", UserPayload.shareURL)
    }

    /// Changes one setting of a party session.
    public func edit(_ id: PartyID, _ property: PartyProperty) async throws(PartyError) {
        _ = try await send(endpoints.edit(id, property), about: id, step: "edit")
    }
}
