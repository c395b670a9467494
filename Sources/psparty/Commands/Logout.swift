import ArgumentParser
import PartyCore

struct Logout: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Forget the profile's tokens.",
        discussion: """
            Removes the tokens, a sign-in that was begun, the names of friends, the tokens of voice bridges, and what a \
            killed process left of them. The device id stays: a later sign-in is one of the same device.
            """)

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if global.dryRun { throw ValidationError("logout has no --dry-run: it sends nothing, it forgets") }
    }

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        try context.requireTokenFile()
        let invocation = context.configuration.invocation
        // First what gives access to the account: it must not stay because of a ledger that cannot be written.
        try await context.client.signOut()
        for attachment in try await BridgeSession(context.client).forgetAttachments() {
            context.notice(
                "psparty: voice of party \(attachment.partyID.text.displayed) was open and stays so until the service ends it; "
                    + "\(invocation.quoted("voice stop")) before \(invocation.quoted("logout")) ends it at once")
        }
        let profile = context.configuration.settings.profile
        return Document(nil, deed: "profile \(profile) is signed out") { json in json.field("profile", profile) }
    }
}
