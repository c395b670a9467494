import ArgumentParser
import Glibc

/// The simulator of the party service.
@main
enum Main {
    /// Not async: the runtime starts threads, and traps where it gets no descriptor, before such a main begins.
    static func main() {
        Surroundings.settle()
        do {
            // The runtime has it from there. With nothing in it every command would start a service.
            guard CommandLine.argc > 0 else {
                throw Failure.configuration("the command line cannot be read: /proc has to be mounted")
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
        try Surroundings.check()
        // Here, as every thread inherits that the signals are kept from it.
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
        // Help and version are no errors; wrong usage is one line like every other.
        let code = Simulator.exitCode(for: error)
        if code.isSuccess { Simulator.exit(withError: error) }
        Terminal.complain(Simulator.message(for: error).split(separator: "\n").first.map(String.init) ?? "wrong usage")
        exit(code.rawValue)
    }
}
