import ArgumentParser
import Glibc

/// The simulator of the party service.
@main
enum Main {
    static func main() async {
        Surroundings.settle()
        do {
            // The runtime has it from there. With nothing in it every command would start a service.
            guard CommandLine.argc > 0 else {
                throw Failure.configuration("the command line cannot be read: /proc has to be mounted")
            }
            var command = try Simulator.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            Terminal.complain(failure.message)
            exit(failure.status)
        } catch {
            // Help and version are no errors; wrong usage is one line like every other.
            let code = Simulator.exitCode(for: error)
            if code.isSuccess { Simulator.exit(withError: error) }
            Terminal.complain(
                Simulator.message(for: error).split(separator: "\n").first.map(String.init) ?? "wrong usage")
            exit(code.rawValue)
        }
    }
}
