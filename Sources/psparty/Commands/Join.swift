import ArgumentParser
import PartyCore

struct Join: ReportCommand {
    static let configuration = CommandConfiguration(abstract: "Join a party and print its id.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party: PartyArgument

    @Flag(help: "Show as talking.")
    var voice = false

    func report(in context: CommandContext) async throws(PartyError) -> PartyReport {
        let client = context.client
        let reference = try await context.partyReference(party)
        let (id, outcome) = try await client.join(reference, voice: voice)
        if outcome == .alreadyMember { context.notice("already in the party") }
        let me = try await client.accessToken().accountID
        let joined = global.json ? try await client.party(id) : PartySession(id: id)
        return PartyReport(party: joined, me: me, form: .id)
    }
}
