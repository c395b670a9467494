import ArgumentParser

/// The root command. Each subcommand is registered in its list.
struct Psparty: DocumentedCommand {
    static let configuration = CommandConfiguration(
        commandName: "psparty",
        abstract: "Use PlayStation parties from the command line.",
        discussion: """
            psparty is unofficial. The common options are accepted before and after the command's name.
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
            CommandGroup(
                name: "Tools", subcommands: [Doctor.self, API.self, Config.self, Completions.self, Help.self]),
        ])

    static let examples = [
        Example(
            "sign in and start a party for a friend",
            #"psparty login && psparty create --name "Game night" --invite alice"#),
        Example("wait for a friend's invitation and accept it", "psparty join --from alice --wait --timeout 10m"),
        Example("see the party live", "psparty watch"),
        Example("print each event as a line of JSON", "psparty listen --json"),
    ]
}
