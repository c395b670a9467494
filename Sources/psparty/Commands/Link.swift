import ArgumentParser
import PartyCore

struct Link: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Print a party's share link.")

    static let examples = [
        Example("print the link to share", "psparty link"),
        Example("print it as JSON", "psparty link --json"),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party = PartyArgument.current

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        let client = context.client
        let url = try await client.shareLink(of: try await client.resolve(try await context.partyReference(party)))
        return Document(url) { json in json.field("url", url) }
    }
}
