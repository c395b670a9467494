/// Reads what the profile services tell about users (docs/protocol.md, 9).
package enum UserPayload {
    /// An account as a look-up by name tells it.
    package struct NamedUser: Sendable, Equatable {
        /// With the present name.
        package let user: User
        /// The name that was found, which is a former one after a rename.
        package let foundName: String?

        /// Whether the account has, or had, that name.
        package func isNamed(_ name: String) -> Bool {
            [user.onlineID, foundName].contains { $0?.lowercased() == name.lowercased() }
        }
    }

    /// The account behind an online id.
    package static func user(in body: [UInt8]) throws(CodecError) -> NamedUser {
        let profile = try JSONDocument(body).root["profile"]
        guard let account = profile?["accountId"]?.unsigned else {
            throw CodecError("the answer names no account", at: 0)
        }
        let name = profile?["onlineId"]?.text
        return NamedUser(
            user: User(accountID: AccountID(account), onlineID: profile?["currentOnlineId"]?.text ?? name),
            foundName: name)
    }

    package static func onlineID(in body: [UInt8]) throws(CodecError) -> String? {
        let root = try JSONDocument(body).root
        return root["currentOnlineId"]?.text ?? root["onlineId"]?.text
    }

    /// One page of friends, and where the next one starts.
    package static func friends(in body: [UInt8]) throws(CodecError) -> (ids: [AccountID], nextOffset: Int64?) {
        let root = try JSONDocument(body).root
        guard let list = root["friends"], list.isArray else { throw CodecError("the answer holds no friends", at: 0) }
        let ids = list.elements { ($0.unsigned ?? $0["accountId"]?.unsigned).map { AccountID($0) } }
        guard !ids.isEmpty || list.elements.isEmpty else {
            throw CodecError("the friends in the answer have no account ids", at: 0)
        }
        return (ids, root["nextOffset"]?.integer)
    }

    /// An item of a look-up of several names. Whether it carries its account is unrecorded (docs/protocol.md, 9).
    package struct Profile: Sendable, Equatable {
        package let accountID: AccountID?
        package let onlineID: String?
    }

    package static func profiles(in body: [UInt8]) throws(CodecError) -> [Profile] {
        let root = try JSONDocument(body).root
        let list = root["profiles"] ?? root
        guard list.isArray else { throw CodecError("the answer contains no profiles", at: 0) }
        return list.elements { item in
            Profile(
                accountID: item["accountId"]?.unsigned.map { AccountID($0) },
                onlineID: item["currentOnlineId"]?.text ?? item["onlineId"]?.text)
        }
    }

    package static func presences(in body: [UInt8]) throws(CodecError) -> [AccountID: Friend] {
        var friends: [AccountID: Friend] = [:]
        guard let list = try JSONDocument(body).root["basicPresences"], list.isArray else {
            throw CodecError("the answer contains no presences", at: 0)
        }
        for presence in list.elements {
            guard let account = presence["accountId"]?.unsigned else { continue }
            friends[AccountID(account)] = Friend(
                accountID: AccountID(account), onlineID: nil,
                availability: (presence["availability"]?.text).map(Friend.Availability.init(rawValue:)),
                platform: (presence["primaryPlatformInfo"]?["platform"]?.text).map(Platform.init(rawValue:)))
        }
        return friends
    }

    /// The address of a party's share page.
    package static func shareURL(in body: [UInt8]) throws(CodecError) -> String {
        guard let url = try JSONDocument(body).root["shareUrl"]?.text else {
            throw CodecError("the answer holds no link", at: 0)
        }
        return url
    }
}
