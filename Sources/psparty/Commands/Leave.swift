import ArgumentParser
import PartyCore

struct Leave: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "Leave a party.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party = PartyArgument.current

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        let client = context.client
        let id = try await client.resolve(try await context.partyReference(party))
        if try await client.leave(id) == .wasNotMember { context.notice("not in the party any more") }
        return Document(id.text) { json in json.field("id", id.text) }
    }
}
