internal import Dispatch
internal import Glibc

@main
enum Main {
    static func main() {
        let shell = Shell.live
        if let position = firstArgumentThatIsNoText() {
            let failure = Failure.usage("argument \(position) is not UTF-8 text")
            exit(failure.show(isJSON: CommandLine.arguments.contains("--json"), in: shell.console))
        }
        let arguments = Array(CommandLine.arguments.dropFirst())
        // The main thread has nothing of its own to do. An asynchronous `main` would have one more thread started at the
        // end, only to return from it. And no tidying up of libraries, which may still be at work on their threads: what
        // had to be written has been written.
        Task { _exit(await CLI.run(arguments, in: shell)) }
        dispatchMain()
    }

    /// The runtime repairs bytes that are no text; what a user did not write must not become a party's name.
    private static func firstArgumentThatIsNoText() -> Int32? {
        (1..<max(1, CommandLine.argc)).first { position in
            guard let argument = unsafe CommandLine.unsafeArgv[Int(position)] else { return false }
            return unsafe String(validatingCString: argument) == nil
        }
    }
}
