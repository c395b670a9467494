import ArgumentParser

/// The options of every command.
struct GlobalOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("The profile to use; each profile has its own account and tokens.", valueName: "name"),
        completion: LocalCompletion.profiles)
    var profile: String?

    @Flag(help: "Print JSON on standard output, and errors as JSON on standard error.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print no hints and no notices.")
    var quiet = false

    @Flag(
        name: .shortAndLong,
        help: "Print each step on standard error; twice: also requests, responses and frames, without secrets.")
    var verbose: Int

    @Flag(help: "Print changing requests as curl commands instead of sending them. Not for login and logout.")
    var dryRun = false

    @Option(help: ArgumentHelp("Use colours: auto, always or never.", valueName: "when"))
    var color: ColorChoice?

    @Option(help: ArgumentHelp("Use this origin instead of every host of the service.", valueName: "origin"))
    var server: String?

    @Option(
        help: ArgumentHelp("PEM file with additional trusted certificate authorities.", valueName: "file"),
        completion: .file(extensions: ["pem", "crt"]))
    var caFile: String?

    /// `-v` overrides `-q`.
    var isQuiet: Bool { quiet && verbose == 0 }
}

enum ColorChoice: String, WordArgument, Sendable {
    case auto, always, never
}
