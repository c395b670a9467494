import ArgumentParser
import PartyCore

struct Invite: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite", abstract: "Invite users to a party.",
        discussion: "A user is an account id or an online id, matched exactly; - reads users from standard input.")

    static let examples = [
        Example("invite two friends", "psparty invite alice bob"),
        Example(
            "invite all friends who are online",
            "psparty friends --online --json | jq -r '.[].accountId' | psparty invite -"),
        Example(
            "print whom the service refused",
            "psparty invite alice bob --json | jq -r '.[] | select(.invited | not) | .error'"),
    ]

    static let statuses: [ExitStatus: String] = [
        .badData: "standard input names no user"
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The users to invite; - reads them from standard input, one a line.")
    var user: [String]

    @Option(help: ArgumentHelp("The party; current by default.", valueName: "party"))
    var party = PartyArgument.current

    func validate() throws {
        for name in user where name != "-" && UserArgument(argument: name) == nil {
            throw ValidationError("\(name.quoted) is not a valid user; \(UserArgument.forms)")
        }
        guard !(user.contains("-") && party == .standardInput) else {
            throw ValidationError("standard input cannot supply both the users and the party")
        }
    }

    func report(in context: CommandContext) async throws(PartyError) -> InvitedReport {
        var wanted: [Inviter.Target] = []
        for name in user {
            wanted += name == "-" ? try await Self.typed(in: context) : [Inviter.Target(name)]
        }
        let client = context.client
        try client.requireSignIn()
        let id = try await client.resolve(try await context.partyReference(party))
        return InvitedReport(outcomes: await Inviter(client: client, party: id).invite(wanted))
    }

    private static func typed(in context: CommandContext) async throws(PartyError) -> [Inviter.Target] {
        var targets: [Inviter.Target] = []
        while let line = try await context.console.input(false) {
            let words = line.reveal().split(whereSeparator: \.isWhitespace)
            targets += words.map { Inviter.Target(String($0)) }
        }
        guard !targets.isEmpty else {
            throw PartyError(.badData, "standard input does not name a user", step: "input", hint: UserArgument.forms)
        }
        return targets
    }
}

/// Invites users one after the other. A failure does not stop the rest.
struct Inviter {
    enum Target: Sendable {
        case user(UserReference)
        /// A user that was already looked up under this name.
        case found(User, name: String)
        /// A word that is not a valid user.
        case invalid(String)

        init(_ word: String) {
            self = UserArgument(argument: word).map { .user($0.reference) } ?? .invalid(word)
        }
    }

    struct Outcome: Sendable {
        /// The name as the command line gave it.
        let name: String
        var user: User?
        var error: PartyError?
    }

    let client: PartyClient
    let party: PartyID

    /// - Returns: one outcome for each user, also for one that was named several times.
    func invite(_ targets: [Target]) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for target in targets where !outcomes.contains(where: { $0.name.lowercased() == target.name.lowercased() }) {
            var outcome = Outcome(name: target.name)
            do throws(PartyError) {
                let user = try await user(target)
                if outcomes.contains(where: { $0.user?.accountID == user.accountID }) { continue }
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
        case .invalid(let word):
            throw PartyError(.badData, "\(word.quoted) is not a valid user", step: "input", hint: UserArgument.forms)
        }
    }
}

extension Inviter.Target {
    fileprivate var name: String {
        switch self {
        case .user(let reference): reference.words
        case .found(_, let name), .invalid(let name): name
        }
    }
}

extension UserReference {
    /// The user as the command line gave it.
    var words: String {
        switch self {
        case .me: "me"
        case .account(let account): account.description
        case .onlineID(let name): name
        }
    }
}
