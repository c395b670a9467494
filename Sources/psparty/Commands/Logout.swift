import ArgumentParser
import PartyCore

struct Logout: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Forget the profile's tokens.")

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if global.dryRun { throw ValidationError("logout has no --dry-run: it sends nothing, it forgets") }
    }

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        try context.requireTokenFile()
        try context.client.signOut()
        let profile = context.configuration.settings.profile
        return Document(nil) { json in json.field("profile", profile) }
    }
}
