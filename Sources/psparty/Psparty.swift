import ArgumentParser

/// The root command. Each subcommand is registered in its list.
struct Psparty: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "psparty",
        abstract: "Use PlayStation parties from the command line.",
        discussion: """
            psparty is unofficial. The global options (--profile, --json, --quiet, --verbose, --dry-run, --color, --server, \
            --ca-file) are accepted before and after the command's name.
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
            CommandGroup(name: "Voice", subcommands: [Voice.self, Signals.self]),
            CommandGroup(name: "Tools", subcommands: [API.self, Config.self, Completions.self]),
        ])
}

enum Version {
    static let number = "0.1.0"
    static let text = "psparty \(number)"
}
