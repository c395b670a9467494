import ArgumentParser

/// The root command.
struct Simulator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "psparty-sim",
        abstract: "Simulate the party service on 127.0.0.1, to try psparty without an account.",
        discussion: """
            Prints environment variables that make psparty use the simulator.

            Examples:
              eval "$(psparty-sim --daemon)"             # start it in the background, and use it in this shell
              psparty-sim --accounts 5 --tls expired     # show a certificate that has expired, until Ctrl-C
              psparty-sim stop                           # stop the one in the background
            """,
        version: "0.1.0",
        subcommands: [Serve.self, Stop.self, Status.self],
        defaultSubcommand: Serve.self)
}
