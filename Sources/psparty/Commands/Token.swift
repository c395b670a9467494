import ArgumentParser
import PartyCore

struct Token: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Print a valid access token, refreshed if need be.",
        discussion: "The token gives access to the account: hand it to nothing that you would not sign in to.")

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        let signedIn = try await context.client.accessToken()
        return Document(signedIn.accessToken.reveal()) { json in
            json.field("accessToken", signedIn.accessToken.reveal())
            json.field("expiresAt", signedIn.expiresAt)
        }
    }
}
