import ArgumentParser
import PartyCore

struct Create: EntryCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a party and print its id.",
        discussion: "The party is listen-only for others to see, unless --voice says that you talk.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The party's name.", valueName: "s"))
    var name = ""

    @Option(help: "Who sees the party: invite-only or friends.")
    var visibility = VisibilityArgument.inviteOnly

    @Option(parsing: .unconditional, help: ArgumentHelp("How many may be in it: 2 to 16.", valueName: "n"))
    var maxMembers = 16

    @Flag(help: "Show as talking.")
    var voice = false

    @Flag(
        name: .customLong("device-id"), help: "Name this device in the request, which the captured client does not do.")
    var deviceID = false

    @Option(help: ArgumentHelp("Invite this user as well; repeatable.", valueName: "user"))
    var invite: [UserArgument] = []

    @OptionGroup var stay: StayOptions

    @Option(help: ArgumentHelp("With --listen: stop after this long.", valueName: "duration"))
    var timeout: DurationArgument?

    var listeningTime: Duration? { timeout?.duration }
    static var deed: String { "was created" }

    /// What is created, and who is invited.
    struct Preparation: Sendable {
        let settings: NewParty
        let users: [Inviting.Target]
    }

    func validate() throws {
        guard timeout == nil || stay.listen else { throw ValidationError("--timeout goes with --listen") }
        guard (2...16).contains(maxMembers) else { throw ValidationError("--max-members takes 2 to 16") }
    }

    func prepare(in context: CommandContext) async throws(PartyError) -> Preparation {
        var settings = NewParty()
        settings.name = name
        settings.visibility = visibility.visibility
        settings.joinableBy = visibility.joinableBy
        settings.maxMembers = maxMembers
        settings.voice = voice
        let client = context.client
        if deviceID { settings.deviceID = try await client.deviceID() }
        // Looked up first: a name that is nobody's shall not leave a party behind.
        var users: [Inviting.Target] = []
        for user in invite { users.append(.found(try await client.user(user.reference), name: user.reference.words)) }
        return Preparation(settings: settings, users: users)
    }

    func enter(_ preparation: Preparation, in context: CommandContext) async throws(PartyError) -> PartyID {
        try await context.client.create(preparation.settings)
    }

    func report(
        on id: PartyID, _ preparation: Preparation, in context: CommandContext
    ) async throws(PartyError) -> PartyReport {
        let client = context.client
        let me = try await client.accessToken().accountID
        let isShown = global.json && !stay.listen
        let party = isShown ? try await client.createdParty(id, preparation.settings) : PartySession(id: id)
        // The party stands whatever becomes of the invitations: its id is the result, a refusal the exit status.
        let invited = InvitedReport(outcomes: await Inviting(client: client, party: id).invite(preparation.users))
        return PartyReport(party: party, me: me, form: .id, failure: invited.failure, deed: invited.deed)
    }
}

/// Who sees a party, in our words.
enum VisibilityArgument: String, ExpressibleByArgument, CaseIterable, Sendable {
    case inviteOnly = "invite-only"
    case friends

    var visibility: Visibility { self == .friends ? .friends : .inviteOnly }
    var joinableBy: JoinableUserType { self == .friends ? .friends : .inviteOnly }
}
