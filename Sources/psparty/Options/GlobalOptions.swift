import ArgumentParser

/// The options of every command.
struct GlobalOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp("Whose account: each profile has its own tokens.", valueName: "name"),
        completion: LocalCompletion.profiles)
    var profile: String?

    @Flag(help: "Print JSON on standard output, and errors as JSON on standard error.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print no hints and notices.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say each step on standard error; twice: the wire as well, secrets taken out.")
    var verbose: Int

    @Flag(help: "Send nothing that changes anything; print it as curl commands instead. Not with login and logout.")
    var dryRun = false

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color: ColorChoice?

    @Option(help: ArgumentHelp("One origin that stands in for every host of the service.", valueName: "origin"))
    var server: String?

    @Option(
        help: ArgumentHelp("PEM file of further trusted certificate authorities.", valueName: "file"),
        completion: .file(extensions: ["pem", "crt"]))
    var caFile: String?

    /// Who asks for more and for less gets more.
    var isQuiet: Bool { quiet && verbose == 0 }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case auto, always, never
}
