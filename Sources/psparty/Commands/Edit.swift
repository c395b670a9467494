import ArgumentParser
import PartyCore

struct Edit: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change a party's settings.",
        discussion:
            "Each setting is a separate request. If one fails, the error lists the settings that were already changed."
    )

    static let examples = [
        Example("rename the current party", #"psparty edit --name "Late show""#),
        Example(
            "close it to uninvited users and limit its size",
            "psparty edit --visibility invite-only --max-members 4"),
        Example("show the requests without sending them", #"psparty edit --name "Late show" --dry-run"#),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party = PartyArgument.current

    @Option(help: ArgumentHelp("The party's name.", valueName: "name"))
    var name: String?

    @Option(help: "Who can see and join the party.")
    var visibility: VisibilityArgument?

    @Option(parsing: .unconditional, help: ArgumentHelp("The maximum number of members: 2 to 16.", valueName: "n"))
    var maxMembers: WholeNumber?

    func validate() throws {
        guard !properties.isEmpty else {
            throw ValidationError("nothing to change; give --name, --visibility or --max-members")
        }
        if let maxMembers, !(2...16).contains(maxMembers.value) {
            throw ValidationError("--max-members must be 2 to 16")
        }
    }

    private var properties: [PartyProperty] {
        let access: [PartyProperty] =
            visibility.map { [.visibility($0.visibility), .joinableBy($0.joinableBy)] } ?? []
        return (name.map { [.name($0)] } ?? []) + access + (maxMembers.map { [.maxMembers($0.value)] } ?? [])
    }

    func report(in context: CommandContext) async throws(PartyError) -> PartyReport {
        let client = context.client
        try client.requireSignIn()
        let id = try await client.resolve(try await context.partyReference(party))
        var changed: [String] = []
        for property in properties {
            do throws(PartyError) {
                try await client.edit(id, property)
            } catch {
                throw error.adding(changed: changed, failed: property.word)
            }
            changed.append(property.word)
        }
        let effect = "changed in the party \(id.text): \(changed.joined(separator: ", "))"
        do throws(PartyError) {
            let edited = global.json ? try await client.party(id) : PartySession(id: id)
            return PartyReport(
                party: edited, me: try await client.accessToken().accountID, current: try client.currentPartyIfAny(),
                form: .nothing, effect: effect)
        } catch { throw context.hasPrintedDryRun.isSet ? error : error.naming(effect) }
    }
}

extension PartyError {
    fileprivate func adding(changed: [String], failed: String) -> PartyError {
        var error = self
        let done = changed.isEmpty ? "nothing was changed" : "already changed: \(changed.joined(separator: ", "))"
        error.message = "\(failed): \(message) (\(done))"
        return error
    }
}
