import ArgumentParser
import PartyCore

struct Logout: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Delete the profile's tokens.",
        discussion: """
            Deletes the tokens, an unfinished sign-in, the remembered names of friends, the tokens of voice bridges, and \
            temporary files of killed processes. The device id is kept, so that a later sign-in is one of the same device.
            """)

    static let examples = [
        Example("sign out", "psparty logout"),
        Example("sign out a second account", "psparty logout --profile work"),
    ]

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if global.dryRun { throw ValidationError("logout has no --dry-run, because it sends no request") }
    }

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        try context.requireTokenFile()
        let invocation = context.configuration.invocation
        // Delete the tokens first: an unwritable voice ledger must not keep them.
        try await context.client.signOut()
        for attachment in try await BridgeSession(context.client).forgetAttachments() {
            context.notice(
                "psparty: voice of party \(attachment.partyID.text.displayed) stays open until the service closes it; "
                    + "to close it at once, run \(invocation.quoted("voice stop")) before \(invocation.quoted("logout"))"
            )
        }
        let profile = context.configuration.settings.profile
        return Document(nil, effect: "profile \(profile) is signed out") { json in json.field("profile", profile) }
    }
}
