import ArgumentParser
import PartyCore

struct List: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the parties you can see and mark the ones you are in.")

    static let examples = [
        Example("list parties", "psparty list"),
        Example("print the ids of the parties you are in", "psparty list --json | jq -r '.[] | select(.joined) | .id'"),
    ]

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> PartyListReport {
        let client = context.client
        let parties = try await client.parties()
        if parties.count >= PartyClient.mostListed {
            context.notice("psparty: there may be more parties: the service lists at most \(PartyClient.mostListed)")
        }
        return PartyListReport(
            parties: parties, me: try await client.accessToken().accountID, current: try client.currentPartyIfAny())
    }
}
