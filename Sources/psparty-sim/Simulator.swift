import ArgumentParser

/// The root command.
struct Simulator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "psparty-sim",
        abstract: "Simulate the party service on 127.0.0.1, to try psparty without an account.",
        discussion: """
            Prints environment variables that make psparty use the simulator. To start it and set them:

              eval "$(psparty-sim --daemon)"
            """,
        version: "0.1.0",
        subcommands: [Serve.self, Stop.self, Status.self],
        defaultSubcommand: Serve.self)
}
