internal import Glibc

@main
enum Main {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let shell = Shell.live(asksService: CLI.asksService(arguments))
        if let position = firstArgumentThatIsNoText() {
            let failure = Failure.usage("argument \(position) is not UTF-8 text")
            exit(failure.show(isJSON: CommandLine.arguments.contains("--json"), in: shell.console))
        }
        MainThread.run { await CLI.run(arguments, in: shell) }
    }

    /// The runtime repairs bytes that are no text; what a user did not write must not become a party's name.
    private static func firstArgumentThatIsNoText() -> Int32? {
        (1..<max(1, CommandLine.argc)).first { position in
            guard let argument = unsafe CommandLine.unsafeArgv[Int(position)] else { return false }
            return unsafe String(validatingCString: argument) == nil
        }
    }
}
