import ArgumentParser
import PartyCore

struct Create: EntryCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a party and print its id.",
        discussion: "Other members see you as listen-only unless you pass --voice.")

    static let examples = [
        Example("start a party for a script", "id=$(psparty create)"),
        Example("start a party that all friends can join", #"psparty create --name "Game night" --visibility friends"#),
        Example("start a party for two friends", "psparty create --invite alice --invite bob --max-members 3"),
        Example(
            "host a party for two hours, print its events, then leave",
            "psparty create --listen --leave --timeout 2h"),
    ]

    static let statuses: [ExitStatus: String] = [
        .timeout: "with --listen: --timeout ended before the party was entered"
    ]

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The party's name.", valueName: "name"))
    var name = ""

    @Option(help: "Who can see and join the party.")
    var visibility = VisibilityArgument.inviteOnly

    @Option(parsing: .unconditional, help: ArgumentHelp("The maximum number of members: 2 to 16.", valueName: "n"))
    var maxMembers = WholeNumber(16)

    @Flag(help: "Show other members that you talk.")
    var voice = false

    @Flag(
        name: .customLong("device-id"),
        help: "Send this device's id in the request; the official client was not seen to do so.")
    var deviceID = false

    @Option(help: ArgumentHelp("Also invite this user; repeatable.", valueName: "user"))
    var invite: [UserArgument] = []

    @Option(help: ArgumentHelp("With --listen: stop after this long.", valueName: "duration"))
    var timeout: DurationArgument?

    @OptionGroup(title: "Options to stay and print events") var stay: StayOptions

    var listeningTime: Duration? { timeout?.duration }
    static var effect: String { "was created" }

    /// The party to create and the users to invite.
    struct Preparation: Sendable {
        let settings: NewParty
        let users: [Inviter.Target]
    }

    func validate() throws {
        guard timeout == nil || stay.listen else { throw ValidationError("--timeout needs --listen") }
        guard (2...16).contains(maxMembers.value) else { throw ValidationError("--max-members must be 2 to 16") }
    }

    func prepare(in context: CommandContext) async throws(PartyError) -> Preparation {
        var settings = NewParty()
        settings.name = name
        settings.visibility = visibility.visibility
        settings.joinableBy = visibility.joinableBy
        settings.maxMembers = maxMembers.value
        settings.voice = voice
        let client = context.client
        if deviceID { settings.deviceID = try await client.deviceID() }
        // Look up users first, so that an unknown name does not leave an unwanted party behind.
        var users: [Inviter.Target] = []
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
        // A failed invitation does not undo the party: the id is printed, and the failure decides the exit status.
        let invited = InvitedReport(outcomes: await Inviter(client: client, party: id).invite(preparation.users))
        return PartyReport(
            party: party, me: me, current: try client.currentPartyIfAny(), form: .id, failure: invited.failure,
            effect: invited.effect)
    }
}

/// The value of `--visibility`.
enum VisibilityArgument: String, WordArgument, Sendable {
    case inviteOnly = "invite-only"
    case friends

    var visibility: Visibility { self == .friends ? .friends : .inviteOnly }
    var joinableBy: JoinableUserType { self == .friends ? .friends : .inviteOnly }
}
