import ArgumentParser

/// The option for the daemon's state folder.
struct StateOption: ParsableArguments {
    @Option(
        name: .customLong("state"),
        help: ArgumentHelp(
            "The folder of the daemon's state (default: $XDG_STATE_HOME/psparty-sim or ~/.local/state/psparty-sim).",
            valueName: "dir"))
    var path: String?

    func folder() throws(Failure) -> StateFolder { try StateFolder(path) }
}
