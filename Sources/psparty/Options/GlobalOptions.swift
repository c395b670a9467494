import ArgumentParser

/// The options of every command.
struct GlobalOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The profile; each has its own account and tokens.", valueName: "name"))
    var profile: String?

    @Flag(help: "Print JSON, and errors as JSON on standard error.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print no hints and no notices.")
    var quiet = false

    @Flag(
        name: .shortAndLong,
        help: "Print each step; -vv: also requests and responses.")
    var verbose: Int

    @Flag(help: "Print changing requests as curl commands only.")
    var dryRun = false

    @Option(help: ArgumentHelp("Use colours.", valueName: "when"))
    var color: ColorChoice?

    @Option(help: ArgumentHelp("Use this origin for every host of the service.", valueName: "origin"))
    var server: String?

    @Option(
        help: ArgumentHelp("PEM file of additional trusted authorities.", valueName: "file"),
        completion: .file(extensions: ["pem", "crt"]))
    var caFile: String?

    /// `-v` overrides `-q`.
    var isQuiet: Bool { quiet && verbose == 0 }
}

enum ColorChoice: String, WordArgument, Sendable {
    case auto, always, never
}
