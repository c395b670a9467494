import ArgumentParser
import Glibc

/// The simulator of the party service.
@main
enum Main {
    static func main() async {
        do {
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
            Simulator.exit(withError: error)
        }
    }
}
