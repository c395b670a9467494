internal import Glibc
import PartyCore
import PartyLive

@main
enum Main {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        StandardStreams.hold()
        if let (problem, hint) = ProcessLimits.shortage(for: CLI.need(arguments)) {
            let error = PartyError(.internalFault, problem, step: "start", hint: hint)
            exit(Failure(error).show(isJSON: arguments.contains("--json"), in: .live))
        }
        let shell = Shell.live(asksService: CLI.asksService(arguments))
        // The runtime has it from there. With nothing in it every command would be a request for help.
        guard CommandLine.argc > 0 else {
            let error = PartyError(
                .configuration, "the command line cannot be read", step: "configuration",
                hint: "/proc has to be mounted")
            exit(Failure(error).show(isJSON: false, in: shell.console))
        }
        if let position = firstArgumentThatIsNoText() {
            let failure = Failure.usage("argument \(position) is not UTF-8 text")
            exit(failure.show(isJSON: CommandLine.arguments.contains("--json"), in: shell.console))
        }
        if let name = firstVariableThatIsNoText() {
            let error = PartyError(
                .configuration, "the variable \(name) is not UTF-8 text", step: "configuration",
                hint: "paths of psparty's files have to be")
            exit(Failure(error).show(isJSON: arguments.contains("--json"), in: shell.console))
        }
        MainThread.run { await CLI.run(arguments, in: shell) }
    }

    /// Of those that psparty goes by: repaired, a path would be another folder's.
    private static func firstVariableThatIsNoText() -> String? {
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            // By the first letter first, which spares the start of every command the reading of all the others.
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

    /// The runtime repairs bytes that are no text; what a user did not write must not become a party's name.
    private static func firstArgumentThatIsNoText() -> Int32? {
        (1..<CommandLine.argc).first { position in
            guard let argument = unsafe CommandLine.unsafeArgv[Int(position)] else { return false }
            return unsafe String(validatingCString: argument) == nil
        }
    }
}
