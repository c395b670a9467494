import ArgumentParser
import PartyCore

struct Invite: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite", abstract: "Invite users to a party.",
        discussion: "A user is an account id or an online id, matched exactly; - reads users from standard input.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Whom to invite; - for standard input, one a line.", completion: LocalCompletion.users)
    var user: [String]

    @Option(help: ArgumentHelp("The party; current by default.", valueName: "party"))
    var party = PartyArgument.current

    func validate() throws {
        for name in user where name != "-" && UserArgument(argument: name) == nil {
            throw ValidationError("\(name.quoted) names no user; \(UserArgument.forms)")
        }
        guard !(user.contains("-") && party == .standardInput) else {
            throw ValidationError("standard input cannot name both the users and the party")
        }
    }

    func report(in context: CommandContext) async throws(PartyError) -> InvitedReport {
        var wanted: [Inviting.Target] = []
        for name in user {
            wanted += name == "-" ? try await Self.typed(in: context) : [Inviting.Target(name)]
        }
        let client = context.client
        try client.requireSignIn()
        let id = try await client.resolve(try await context.partyReference(party))
        return InvitedReport(outcomes: await Inviting(client: client, party: id).invite(wanted))
    }

    private static func typed(in context: CommandContext) async throws(PartyError) -> [Inviting.Target] {
        var targets: [Inviting.Target] = []
        while let line = try await context.console.input(false) {
            let words = line.reveal().split(whereSeparator: \.isWhitespace)
            targets += words.map { Inviting.Target(String($0)) }
        }
        guard !targets.isEmpty else {
            throw PartyError(.badData, "standard input names no user", step: "input", hint: UserArgument.forms)
        }
        return targets
    }
}

/// Invites one user after the other; one that fails does not stop the rest.
struct Inviting {
    enum Target: Sendable {
        case user(UserReference)
        /// One that was looked up already, by that name.
        case found(User, name: String)
        /// A word that names nobody.
        case nonsense(String)

        init(_ word: String) {
            self = UserArgument(argument: word).map { .user($0.reference) } ?? .nonsense(word)
        }
    }

    struct Outcome: Sendable {
        /// What was asked for, in the user's words.
        let name: String
        var user: User?
        var error: PartyError?
    }

    let client: PartyClient
    let party: PartyID

    func invite(_ targets: [Target]) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for target in targets {
            var outcome = Outcome(name: target.name)
            do throws(PartyError) {
                let user = try await user(target)
                outcome.user = user
                try await client.invite(user.accountID, to: party)
            } catch { outcome.error = error }
            outcomes.append(outcome)
            if outcome.error?.kind == .cancelled { break }
        }
        return outcomes
    }

    private func user(_ target: Target) async throws(PartyError) -> User {
        switch target {
        case .user(let reference): return try await client.user(reference)
        case .found(let user, _): return user
        case .nonsense(let word):
            throw PartyError(.badData, "\(word.quoted) names no user", step: "input", hint: UserArgument.forms)
        }
    }
}

extension Inviting.Target {
    fileprivate var name: String {
        switch self {
        case .user(let reference): reference.words
        case .found(_, let name), .nonsense(let name): name
        }
    }
}

extension UserReference {
    /// The user as the command line named them.
    var words: String {
        switch self {
        case .me: "me"
        case .account(let account): account.description
        case .onlineID(let name): name
        }
    }
}
