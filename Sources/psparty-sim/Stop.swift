import ArgumentParser

/// Stops the daemon.
struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop the simulator that runs in the background.")

    @OptionGroup var state: StateOption

    func run() throws { try Daemon(folder: try state.folder()).stop() }
}

/// Prints the environment of the daemon, if it runs.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the environment of the simulator in the background; exit status 3 if none runs.")

    @OptionGroup var state: StateOption

    func run() throws {
        let folder = try state.folder()
        guard folder.holder() != nil, let exports = folder.published() else {
            throw Failure(message: "no simulator is running in the background", status: 3)
        }
        try Daemon.tell(exports)
    }
}
