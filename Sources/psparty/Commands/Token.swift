import ArgumentParser
import PartyCore

struct Token: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Print a valid access token, refreshed if necessary.",
        discussion: "The token gives access to your account. Give it only to programs that you trust with the account.")

    static let examples = [
        Example("print a token for another program", "psparty token"),
        Example("print until when it is valid", "psparty token --json | jq -r .expiresAt"),
    ]

    static let statuses: [ExitStatus: String] = [
        .signIn: "not signed in, or the sign-in has expired or was refused",
        .unreachable: "the token could not be refreshed",
    ]

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        let signedIn = try await context.client.accessToken()
        return Document(signedIn.accessToken.reveal()) { json in
            json.field("accessToken", signedIn.accessToken.reveal())
            json.field("expiresAt", signedIn.expiresAt)
        }
    }
}
