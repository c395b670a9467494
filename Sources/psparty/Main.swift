internal import Glibc
import PartyCore
import PartyLive

@main
enum Main {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        StandardStreams.hold()
        let need = CLI.need(arguments)
        if let (problem, hint) = ProcessLimits.shortage(for: need) {
            let error = PartyError(.internalFault, problem, step: "start", hint: hint)
            exit(Failure(error).show(isJSON: arguments.contains("--json"), in: .live))
        }
        let environment = CommandEnvironment.live(
            usesNetwork: CLI.usesNetwork(arguments), mayStay: need.startsThreads)
        // The Swift runtime reads arguments from /proc. Without them every command would print the help.
        guard CommandLine.argc > 0 else {
            let error = PartyError(
                .configuration, "the command line cannot be read", step: "configuration",
                hint: "mount /proc, where the arguments are read from")
            exit(Failure(error).show(isJSON: false, in: environment.console))
        }
        if let position = firstArgumentThatIsNoText() {
            let failure = Failure.usage("argument \(position) is not UTF-8 text")
            exit(failure.show(isJSON: CommandLine.arguments.contains("--json"), in: environment.console))
        }
        if let name = firstVariableThatIsNoText() {
            let error = PartyError(
                .configuration, "the environment variable \(name) is not UTF-8 text", step: "configuration",
                hint: "set it to UTF-8 text")
            exit(Failure(error).show(isJSON: arguments.contains("--json"), in: environment.console))
        }
        MainThread.run { await CLI.run(arguments, in: environment) }
    }

    /// Checks the variables that psparty reads. The runtime would repair invalid bytes, and a path would name another folder.
    private static func firstVariableThatIsNoText() -> String? {
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            // The first letter is checked first: reading every variable would slow each start.
            let first = unsafe UInt8(bitPattern: text.pointee)
            if "HTXP".utf8.contains(first), unsafe String(validatingCString: text) == nil {
                let name = String(unsafe String(cString: text).prefix { $0 != "=" })
                let isOurs = name == "HOME" || name == "TMPDIR" || name.hasPrefix("XDG_") || name.hasPrefix("PSPARTY_")
                if isOurs { return name }
            }
            unsafe entry += 1
        }
        return nil
    }

    /// The runtime repairs invalid bytes, which would change the user's words, for example a party's name.
    private static func firstArgumentThatIsNoText() -> Int32? {
        (1..<CommandLine.argc).first { position in
            guard let argument = unsafe CommandLine.unsafeArgv[Int(position)] else { return false }
            return unsafe String(validatingCString: argument) == nil
        }
    }
}
