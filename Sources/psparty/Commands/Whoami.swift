import ArgumentParser
import PartyCore

struct Whoami: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Print the account that is signed in.")

    static let examples = [
        Example("print who is signed in", "psparty whoami"),
        Example("print when the sign-in ends", "psparty whoami --json | jq -r .refreshExpiresAt"),
    ]

    static let statuses: [ExitStatus: String] = [
        .signIn: "not signed in"
    ]

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> WhoamiReport {
        WhoamiReport(account: try await context.client.account(), profile: context.configuration.settings.profile)
    }
}

/// The account that is signed in, and when its tokens expire.
struct WhoamiReport: Report {
    let account: Account
    let profile: String
    var effect: String?

    func text(_ style: Style) -> String {
        (account.onlineID ?? account.accountID.description).displayed + "\n"
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("accountId", account.accountID)
            json.field("onlineId", account.onlineID)
            json.field("profile", profile)
            json.field("expiresAt", account.expiresAt)
            json.field("refreshExpiresAt", account.refreshExpiresAt)
        }
    }
}
