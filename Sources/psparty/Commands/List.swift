import ArgumentParser
import PartyCore

struct List: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the parties you can see, yours marked.")

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> PartyListReport {
        let client = context.client
        return PartyListReport(parties: try await client.parties(), me: try await client.accessToken().accountID)
    }
}
