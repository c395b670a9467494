import ArgumentParser
import PartyCore

struct Join: EntryCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Join a party and print its id.",
        discussion: "With --from: the party of that user's newest invitation.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party: PartyArgument?

    @Option(help: ArgumentHelp("Join the newest invitation of this user.", valueName: "user"))
    var from: UserArgument?

    @Flag(help: "With --from: wait for an invitation if there is none yet.")
    var wait = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --wait: wait no longer than this for the invitation. Else, with --listen: stop after this long.",
            valueName: "duration"))
    var timeout: DurationArgument?

    @Flag(help: "Show as talking.")
    var voice = false

    @OptionGroup var stay: StayOptions

    var listeningTime: Duration? { wait ? nil : timeout?.duration }

    func validate() throws {
        guard (party == nil) != (from == nil) else { throw ValidationError("give either a party or --from USER") }
        guard from != nil || !wait else { throw ValidationError("--wait goes with --from") }
        guard wait || stay.listen || timeout == nil else {
            throw ValidationError("--timeout goes with --wait or --listen")
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
        return PartyReport(party: joined, me: me, form: .id)
    }

    func prepare(in context: CommandContext) async throws(PartyError) -> PartyReference {
        if let party { return try await context.partyReference(party) }
        guard let from else { return .current }
        let user = try await context.client.user(from.reference)
        let invitation = wait ? try await awaited(from: user, in: context) : try await newest(from: user, in: context)
        return .id(invitation.partyID)
    }

    private func newest(from user: User, in context: CommandContext) async throws(PartyError) -> Invitation {
        guard let invitation = try await context.client.newestInvitation(from: user) else {
            throw PartyError(
                .notFound, "no invitation from \(user.onlineID ?? user.accountID.description)", step: "invitation",
                hint: "wait for one with --wait, or ask for the party's link")
        }
        return invitation
    }

    private func awaited(from user: User, in context: CommandContext) async throws(PartyError) -> Invitation {
        guard let limit = timeout?.duration else { return try await context.client.awaitInvitation(from: user) }
        let result = await withTaskGroup(of: Result<Invitation, PartyError>.self) { group in
            group.addTask {
                do throws(PartyError) {
                    return .success(try await context.client.awaitInvitation(from: user))
                } catch { return .failure(error) }
            }
            group.addTask {
                await context.clock.sleep(limit)
                let name = user.onlineID ?? user.accountID.description
                return .failure(PartyError(.timeout, "no invitation from \(name) came in time", step: "invitation"))
            }
            let first = await group.next()
            group.cancelAll()
            return first
        }
        guard let result, !Task.isCancelled else { throw PartyError(.cancelled, "cancelled", step: "invitation") }
        return try result.get()
    }
}
