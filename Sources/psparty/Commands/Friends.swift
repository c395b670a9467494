import ArgumentParser
import PartyCore

struct Friends: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "friends", abstract: "List your friends and their presence.")

    static let examples = [
        Example("list friends and their presence", "psparty friends"),
        Example("list who is online, for a script", "psparty friends --online --json | jq -r '.[].onlineId'"),
        Example(
            "invite all friends who are online",
            "psparty friends --online --json | jq -r '.[].accountId' | psparty invite -"),
    ]

    @OptionGroup var global: GlobalOptions

    @Flag(help: "List only friends who are online.")
    var online = false

    func report(in context: CommandContext) async throws(PartyError) -> FriendsReport {
        let friends = try await context.client.friends(needsPresence: online)
        return FriendsReport(
            friends: online ? friends.filter(\.isOnline) : friends, isOnlineOnly: online && !friends.isEmpty)
    }
}

/// The friends list with presence.
struct FriendsReport: Report {
    let friends: [Friend]
    /// Whether friends who are not online were left out.
    let isOnlineOnly: Bool

    var emptyWords: String? {
        guard friends.isEmpty else { return nil }
        return isOnlineOnly ? "no friend is online" : "this account has no friends"
    }

    func text(_ style: Style) -> String {
        Table(
            header: ["FRIEND", "PRESENCE"],
            rows: friends.map { friend in
                [
                    friend.onlineID ?? friend.accountID.description,
                    [friend.availability?.rawValue, friend.isOnline ? friend.platform?.rawValue : nil]
                        .compactMap { $0 }.joined(separator: " "),
                ]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.array(friends) { json, friend in
            json.object { json in
                json.field("accountId", friend.accountID)
                json.field("onlineId", friend.onlineID)
                json.field("availability", friend.availability?.rawValue)
                json.field("platform", friend.platform?.rawValue)
            }
        }
    }
}
