/// Reads what the profile services tell about users (docs/protocol.md, 9).
package enum UserPayload {
    /// The account behind an online id; after a rename the present name.
    package static func user(in body: [UInt8]) throws(CodecError) -> User {
        let profile = try JSONDocument(body).root["profile"]
        guard let account = profile?["accountId"]?.unsigned else {
            throw CodecError("the answer names no account", at: 0)
        }
        return User(
            accountID: AccountID(account),
            onlineID: profile?["currentOnlineId"]?.string ?? profile?["onlineId"]?.string)
    }

    package static func onlineID(in body: [UInt8]) throws(CodecError) -> String? {
        try JSONDocument(body).root["onlineId"]?.string
    }

    /// One page of friends, and where the next one starts.
    package static func friends(in body: [UInt8]) throws(CodecError) -> (ids: [AccountID], nextOffset: Int64?) {
        let root = try JSONDocument(body).root
        guard let list = root["friends"] else { throw CodecError("the answer holds no friends", at: 0) }
        return (list.elements { $0.unsigned.map { AccountID($0) } }, root["nextOffset"]?.integer)
    }

    /// The names of several accounts, which come in the order they were asked for or with their ids.
    package static func onlineIDs(in body: [UInt8], of accounts: [AccountID]) throws(CodecError) -> [AccountID: String]
    {
        let root = try JSONDocument(body).root
        let profiles = (root["profiles"] ?? root).elements
        var names: [AccountID: String] = [:]
        for (index, profile) in profiles.enumerated() {
            let byPlace = profiles.count == accounts.count ? accounts[index] : nil
            guard let account = profile["accountId"]?.unsigned.map({ AccountID($0) }) ?? byPlace else { continue }
            names[account] = profile["onlineId"]?.string
        }
        return names
    }

    package static func presences(in body: [UInt8]) throws(CodecError) -> [AccountID: Friend] {
        var friends: [AccountID: Friend] = [:]
        for presence in try JSONDocument(body).root["basicPresences"]?.elements ?? [] {
            guard let account = presence["accountId"]?.unsigned else { continue }
            friends[AccountID(account)] = Friend(
                accountID: AccountID(account), onlineID: nil,
                availability: (presence["availability"]?.string).map(Friend.Availability.init(rawValue:)),
                platform: (presence["primaryPlatformInfo"]?["platform"]?.string).map(Platform.init(rawValue:)))
        }
        return friends
    }

    /// The address of a party's share page.
    package static func shareURL(in body: [UInt8]) throws(CodecError) -> String {
        guard let url = try JSONDocument(body).root["shareUrl"]?.string, !url.isEmpty else {
            throw CodecError("the answer holds no link", at: 0)
        }
        return url
    }
}
