import ArgumentParser

/// The root: its list of subcommands is the registration of each.
struct Psparty: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "psparty",
        abstract: "Your PlayStation party in the shell.",
        discussion: """
            psparty is unofficial. The options that every command takes (--profile, --json, --quiet, --verbose, --dry-run, \
            --color, --server, --ca-file) may stand before or after its name.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Account", subcommands: [Login.self, Logout.self, Whoami.self, Token.self, Friends.self]),
            CommandGroup(
                name: "Party",
                subcommands: [
                    Create.self, List.self, Show.self, Join.self, Leave.self, Edit.self, Invite.self,
                    Invitations.self, Link.self,
                ]),
            CommandGroup(name: "Events", subcommands: [Listen.self, Watch.self, Replay.self, Redact.self]),
            CommandGroup(name: "Voice", subcommands: [Voice.self]),
            CommandGroup(name: "Tools", subcommands: [API.self, Config.self, Completions.self]),
        ])
}

enum Version {
    static let number = "0.1.0"
    static let text = "psparty \(number)"
}
