internal import Glibc

@main
enum Main {
    static func main() async {
        let shell = Shell.live
        if let position = firstArgumentThatIsNoText() {
            let failure = Failure.usage("argument \(position) is not UTF-8 text")
            exit(failure.show(isJSON: CommandLine.arguments.contains("--json"), in: shell.console))
        }
        exit(await CLI.run(Array(CommandLine.arguments.dropFirst()), in: shell))
    }

    /// The runtime repairs bytes that are no text; what a user did not write must not become a party's name.
    private static func firstArgumentThatIsNoText() -> Int32? {
        (1..<max(1, CommandLine.argc)).first { position in
            guard let argument = unsafe CommandLine.unsafeArgv[Int(position)] else { return false }
            return unsafe String(validatingCString: argument) == nil
        }
    }
}
