import ArgumentParser

/// Ends the daemon.
struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End the simulator that runs in the background.")

    @OptionGroup var state: StateOption

    func run() throws { try Daemon(folder: try state.folder()).stop() }
}

/// Says whether a daemon runs.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the environment of the simulator in the background; exit 3 if there is none.")

    @OptionGroup var state: StateOption

    func run() throws {
        let folder = try state.folder()
        guard let pid = folder.holder(), let exports = folder.published() else {
            throw Failure(message: "nothing is running", status: 3)
        }
        Terminal.complain("running as process \(pid)")
        try Terminal.say(exports.hasSuffix("\n") ? String(exports.dropLast()) : exports)
    }
}
