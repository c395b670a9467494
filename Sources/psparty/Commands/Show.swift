import ArgumentParser
import PartyCore

struct Show: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a party's settings and who is in it.")

    static let examples = [
        Example("show the current party", "psparty show"),
        Example("print who is in it, one name a line", "psparty show --json | jq -r '.members[].onlineId'"),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party = PartyArgument.current

    func report(in context: CommandContext) async throws(PartyError) -> PartyReport {
        let client = context.client
        let id = try await client.resolve(try await context.partyReference(party))
        let found = try await client.party(id)
        return PartyReport(
            party: found, me: try await client.accessToken().accountID, current: try client.currentPartyIfAny(),
            form: .card)
    }
}
