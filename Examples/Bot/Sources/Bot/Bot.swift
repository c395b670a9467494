import PartyCore
import PartyLive

/// Accepts each invitation and prints a line for each member who joins or leaves.
@main struct Bot {
    let client: PartyClient
    let me: Account

    static func main() async throws(PartyError) {
        let environment = try PartyEnvironment.live(profile: CommandLine.arguments.dropFirst().first)
        let client = PartyClient(environment)
        let bot = Bot(client: client, me: try await client.account())
        let feed = PartyFeed(environment, PartyFeed.Options())
        try await feed.run(.inItsTime { events in for event in events { await bot.take(event) } })
    }

    func take(_ event: StreamEvent) async {
        switch event.content {
        case .lifecycle(.ready): print("listening as \(me.onlineID ?? me.accountID.description)")
        case .party(let event): await take(event)
        default: break
        }
    }

    func take(_ event: PartyEvent) async {
        guard let party = event.partyID else { return }
        let others = event.members.filter { $0.accountID != me.accountID }
        let names = others.map { $0.onlineID ?? $0.accountID.description }
        switch event.kind {
        case .invitationReceived: await join(party)
        case .memberJoined: for name in names { print("hello, \(name)") }
        case .memberLeft: for name in names { print("goodbye, \(name)") }
        default: break
        }
    }

    func join(_ party: PartyID) async {
        do { print("joined \(try await client.join(.id(party), voice: false).0)") } catch { print(error.message) }
    }
}
