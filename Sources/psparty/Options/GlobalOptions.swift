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

    @Flag(help: "Send nothing that changes anything; print it as curl commands instead.")
    var dryRun = false

    @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
    var color: ColorChoice?

    @Option(help: ArgumentHelp("One origin that stands in for every host of the service.", valueName: "origin"))
    var server: String?

    @Option(
        help: ArgumentHelp("PEM file of further trusted certificate authorities.", valueName: "file"),
        completion: .file(extensions: ["pem", "crt"]))
    var caFile: String?
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case auto, always, never
}
