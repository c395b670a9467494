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
        try client.requireSignIn()
        let id = try await client.resolve(try await context.partyReference(party))
        await stopVoice(in: id, context)
        if try await client.leave(id) == .wasNotMember { context.notice("not in the party any more") }
        return Document(id.text, deed: "the party \(id.text) was left") { json in json.field("id", id.text) }
    }

    /// As the captured client does. What cannot be taken down does not keep anybody in the party.
    private func stopVoice(in id: PartyID, _ context: CommandContext) async {
        do throws(PartyError) {
            let closings = try await BridgeSession(context.client).close(id)
            if let error = closings.compactMap(\.error).first { throw error }
        } catch {
            context.notice("psparty: voice could not be taken down: \(error.message)".displayed)
        }
    }
}
