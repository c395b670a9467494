import ArgumentParser
import PartyCore

struct Create: ReportCommand {
    static let configuration = CommandConfiguration(
        abstract: "Create a party and print its id.",
        discussion: "The party is listen-only for others to see, unless --voice says that you talk.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The party's name.", valueName: "s"))
    var name = ""

    @Option(help: "Who sees the party: invite-only or friends.")
    var visibility = VisibilityArgument.inviteOnly

    @Option(help: ArgumentHelp("How many may be in it: 2 to 16.", valueName: "n"))
    var maxMembers = 16

    @Flag(help: "Show as talking.")
    var voice = false

    func validate() throws {
        guard (2...16).contains(maxMembers) else { throw ValidationError("--max-members takes 2 to 16") }
    }

    func report(in context: CommandContext) async throws(PartyError) -> PartyReport {
        var settings = NewParty()
        settings.name = name
        settings.visibility = visibility.visibility
        settings.joinableBy = visibility.joinableBy
        settings.maxMembers = maxMembers
        settings.voice = voice
        let client = context.client
        let id = try await client.create(settings)
        let me = try await client.accessToken().accountID
        guard global.json else { return PartyReport(party: PartySession(id: id), me: me, form: .id) }
        return PartyReport(party: try await client.createdParty(id, settings), me: me, form: .id)
    }
}

/// Who sees a party, in our words.
enum VisibilityArgument: String, ExpressibleByArgument, CaseIterable, Sendable {
    case inviteOnly = "invite-only"
    case friends

    var visibility: Visibility { self == .friends ? .friends : .inviteOnly }
    var joinableBy: JoinableUserType { self == .friends ? .friends : .inviteOnly }
}
