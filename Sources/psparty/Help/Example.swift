import ArgumentParser

/// A command line that shows what a command is good for. Help, man pages and tests use the same examples.
struct Example: Sendable {
    /// What the user wants, as an imperative without a full stop.
    let purpose: String
    /// A line for a POSIX shell.
    let line: String

    init(_ purpose: String, _ line: String) {
        self.purpose = purpose
        self.line = line
    }
}

/// A command or a group of commands with its documentation beside it.
protocol DocumentedCommand: ParsableCommand {
    /// Two to four examples, the most common first.
    static var examples: [Example] { get }
    /// What an exit status means for this command, if the general meaning says too little or is unusual for it.
    static var statuses: [ExitStatus: String] { get }
}

extension DocumentedCommand {
    static var statuses: [ExitStatus: String] { [:] }
}
