import ArgumentParser
import PartyCore

struct Leave: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "Leave a party.")

    static let examples = [
        Example("leave the current party", "psparty leave"),
        Example("show the request without sending it", "psparty leave --dry-run"),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party = PartyArgument.current

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        let client = context.client
        try client.requireSignIn()
        let id = try await client.resolve(try await context.partyReference(party))
        await stopVoice(in: id, context)
        if try await client.leave(id) == .wasNotMember { context.notice("you are no longer in the party") }
        return Document(id.text, effect: "the party \(id.text) was left") { json in json.field("id", id.text) }
    }

    /// Closes voice before leaving, as the captured client does. A failure does not prevent leaving.
    private func stopVoice(in id: PartyID, _ context: CommandContext) async {
        do throws(PartyError) {
            let closings = try await BridgeSession(context.client).close(id)
            if let error = closings.compactMap(\.error).first { throw error }
        } catch {
            context.notice("psparty: voice could not be closed: \(error.message)".displayed)
        }
    }
}
