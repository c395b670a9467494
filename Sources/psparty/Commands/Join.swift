import ArgumentParser
import PartyCore

struct Join: EntryCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Join a party and print its id.",
        usage: """
            psparty join PARTY [options]
            psparty join --from USER [--wait] [--timeout DURATION] [options]
            """,
        discussion:
            "--from joins the party of that user's newest invitation. With several users, the newest of all is used.")

    static let examples = [
        Example("join by a link that a friend sent", "psparty join https://party.playstation.com/AbCdEfGhIjKlMnOpQrSt"),
        Example("wait for a friend's invitation and accept it", "psparty join --from alice --wait --timeout 10m"),
        Example("join, print the party's events, and leave at Ctrl-C", "psparty join --from alice --listen --leave"),
    ]

    static let statuses: [ExitStatus: String] = [
        .notFound: "no such party, user or invitation",
        .timeout: "no invitation came within --timeout",
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party: PartyArgument?

    @Option(help: ArgumentHelp("Join the newest invitation of this user; repeatable.", valueName: "user"))
    var from: [UserArgument] = []

    @Flag(help: "With --from: wait for an invitation if there is none yet.")
    var wait = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --wait: how long to wait for the invitation. Without it, with --listen: stop after this long.",
            valueName: "duration"))
    var timeout: DurationArgument?

    @Flag(help: "Show other members that you talk.")
    var voice = false

    @OptionGroup(title: "Options to stay and print events") var stay: StayOptions

    var listeningTime: Duration? { wait ? nil : timeout?.duration }
    static var effect: String { "was joined" }

    func validate() throws {
        guard (party == nil) != from.isEmpty else { throw ValidationError("give either a party or --from USER") }
        guard !from.isEmpty || !wait else { throw ValidationError("--wait needs --from") }
        guard !from.contains(where: { $0.reference == .me }) else {
            throw ValidationError("--from me cannot match: you cannot invite yourself")
        }
        guard wait || stay.listen || timeout == nil else {
            throw ValidationError("--timeout needs --wait or --listen")
        }
    }

    func enter(_ reference: PartyReference, in context: CommandContext) async throws(PartyError) -> PartyID {
        let (id, outcome) = try await context.client.join(reference, voice: voice)
        if outcome == .alreadyMember { context.notice("already in the party") }
        return id
    }

    func report(
        on id: PartyID, _ reference: PartyReference, in context: CommandContext
    ) async throws(PartyError) -> PartyReport {
        let client = context.client
        let me = try await client.accessToken().accountID
        let joined = global.json && !stay.listen ? try await client.party(id) : PartySession(id: id)
        return PartyReport(party: joined, me: me, current: try client.currentPartyIfAny(), form: .id)
    }

    func prepare(in context: CommandContext) async throws(PartyError) -> PartyReference {
        if let party { return try await context.partyReference(party) }
        var users: [User] = []
        let me = try await context.client.accessToken().accountID
        for user in from { users.append(try await context.client.user(user.reference)) }
        if let own = users.first(where: { $0.accountID == me }) {
            throw PartyError(
                .usage, "--from \(Self.names([own])) cannot match: you cannot invite yourself", step: "usage")
        }
        let invitation = wait ? try await awaited(from: users, in: context) : try await newest(from: users, in: context)
        return .id(invitation.partyID)
    }

    private func newest(from users: [User], in context: CommandContext) async throws(PartyError) -> Invitation {
        guard let invitation = try await context.client.newestInvitation(from: users) else {
            throw PartyError(
                .notFound, "no invitation from \(Self.names(users))", step: "invitation",
                hint: "wait for one with --wait, or ask for the party's link")
        }
        return invitation
    }

    private func awaited(from users: [User], in context: CommandContext) async throws(PartyError) -> Invitation {
        if context.isWatched { context.notice("waiting for an invitation from \(Self.names(users).displayed)") }
        guard let limit = timeout?.duration else { return try await context.client.awaitInvitation(from: users) }
        let result = await withTaskGroup(of: Result<Invitation, PartyError>.self) { group in
            group.addTask {
                do throws(PartyError) {
                    return .success(try await context.client.awaitInvitation(from: users))
                } catch { return .failure(error) }
            }
            group.addTask {
                await context.clock.sleep(limit)
                let names = Self.names(users)
                return .failure(
                    PartyError(
                        .timeout, "--timeout expired before an invitation from \(names) came", step: "invitation"))
            }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        guard let result, !Task.isCancelled else { throw PartyError(.cancelled, "cancelled", step: "invitation") }
        return try result.get()
    }

    private static func names(_ users: [User]) -> String {
        users.map { $0.onlineID ?? $0.accountID.description }.joined(separator: " or ")
    }
}
