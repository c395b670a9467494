import ArgumentParser

/// The root command.
struct Simulator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "psparty-sim",
        abstract: "A simulated party service on 127.0.0.1, to try psparty without an account.",
        discussion: """
            Prints the environment that points psparty at it, so that this is all it takes:

              eval "$(psparty-sim --daemon)"
            """,
        version: "0.1.0",
        subcommands: [Serve.self, Stop.self, Status.self],
        defaultSubcommand: Serve.self)
}
