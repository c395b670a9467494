import ArgumentParser
import Glibc

/// The simulator of the party service.
@main
enum Main {
    /// Not async: before an async main, the runtime starts threads and traps if no descriptor is free.
    static func main() {
        InheritedSettings.reset()
        do {
            // The Swift runtime reads arguments from /proc. Without them every command would start a service.
            guard CommandLine.argc > 0 else {
                throw Failure.configuration(
                    "the command line cannot be read: mount /proc, where the arguments are read from")
            }
            var command = try Simulator.parseAsRoot()
            guard let serve = command as? Serve else {
                try command.run()
                exit(0)
            }
            try begin(serve)
        } catch { end(error) }
    }

    private static func begin(_ serve: Serve) throws -> Never {
        try InheritedSettings.checkLimits()
        // Before any thread starts, because threads inherit the signal mask.
        let signals = serve.daemon ? nil : SignalWait()
        Task {
            do {
                try await serve.run(until: signals)
                exit(0)
            } catch { end(error) }
        }
        if let signals { signals.take() }
        while true { pause() }
    }

    private static func end(_ error: any Error) -> Never {
        if let failure = error as? Failure {
            Terminal.complain(failure.message)
            exit(failure.status)
        }
        // Help and version are not errors; a usage error is one line, like every other error.
        let code = Simulator.exitCode(for: error)
        if code.isSuccess { Simulator.exit(withError: error) }
        Terminal.complain(Simulator.message(for: error).split(separator: "\n").first.map(String.init) ?? "wrong usage")
        exit(code.rawValue)
    }
}
