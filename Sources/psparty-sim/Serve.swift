import ArgumentParser
import Glibc
import PartySimulator

/// Runs the simulated service in the foreground, or starts it in the background.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve (this is the default).")

    @Flag(help: "Run in the background; print the environment and return.")
    var daemon = false

    @Flag(help: "Print one line of JSON instead of shell exports, and stay in the foreground.")
    var json = false

    @Option(help: "The port; 0 selects a free port.")
    var port: UInt16 = 0

    @Option(help: "The loopback address to listen on; other addresses are refused.")
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("JSON file with the behaviour and faults of the service.", valueName: "file"))
    var scenario: String?

    @Option(help: "The number of accounts, 1 to 20 (default: from the scenario, else 3).")
    var accounts: Int?

    @Option(help: "The server's certificate: valid, expired, wrong-host or other-ca.")
    var tls = "valid"

    @Flag(help: "Omit the intermediate certificate, as some servers do; the leaf certificate names its address.")
    var leafOnly = false

    @OptionGroup var state: StateOption

    @Flag(help: .hidden)
    var background = false

    /// Serves until a signal ends the process.
    /// - Parameter signals: waits for that signal; `nil` to only start the daemon.
    func run(until signals: SignalWait?) async throws {
        let folder = try state.folder()
        let scenario = try await check()
        if !background { for note in scenario.notes { Terminal.complain("scenario: \(note)") } }
        guard let signals else {
            guard !json else {
                throw Failure.usage("--json and --daemon cannot be combined: --json stays in the foreground")
            }
            try Daemon(folder: folder).start()
            return
        }
        if background {
            try folder.make()
            guard folder.lock() else { throw Failure.internalError("another daemon already uses this state folder") }
        }
        let home = background ? folder.home : try StateHome()
        let service = SimulatedService(scenario: scenario)
        let server: LoopbackServer
        do {
            server = try await LoopbackServer.start(
                service: service, identity: identity, port: port, in: background ? folder.path : nil)
        } catch {
            if !background { home.remove() }
            throw Failure.internalError("cannot serve: \(error)")
        }
        let announcement = Announcement(
            server: server.origin, caFile: server.caFile ?? "", stateHome: home.path, service: service, pid: getpid(),
            stateOption: state.path == nil ? nil : folder.path)
        if background {
            try folder.publish(announcement.notes + "\n" + announcement.exports + "\n")
        } else {
            try Terminal.say(json ? announcement.json : announcement.exports)
        }
        await signals.wait()
        server.stop()
        if background { folder.remove() } else { home.remove() }
    }

    private var identity: LoopbackServer.Identity {
        LoopbackServer.Identity(LoopbackServer.TLS(rawValue: tls) ?? .valid, leafOnly: leafOnly ? .own : nil)
    }

    /// Checks all options before anything is started.
    private func check() async throws(Failure) -> Scenario {
        guard host == "localhost" || Self.isLoopback(host) else {
            throw .usage("--host \(host): not a loopback address; use 127.0.0.1")
        }
        guard host == "localhost" || host == "127.0.0.1" else {
            throw .usage("--host \(host): only the loopback address 127.0.0.1 is supported")
        }
        guard ["valid", "expired", "wrong-host", "other-ca"].contains(tls) else {
            throw .usage("--tls \(tls): choose valid, expired, wrong-host or other-ca")
        }
        var scenario = try Self.read(self.scenario)
        if let accounts {
            guard (1...SimulatedAccount.limit).contains(accounts) else {
                throw .usage("--accounts \(accounts): choose 1 to \(SimulatedAccount.limit)")
            }
            scenario.accounts = accounts
        }
        return scenario
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func read(_ path: String?) throws(Failure) -> Scenario {
        guard let path else { return Scenario() }
        guard let file = unsafe fopen(path, "r") else { throw .configuration("cannot read the scenario \(path)") }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer.prefix(count)
        }
        do {
            return try Scenario(json: bytes)
        } catch {
            throw .configuration("scenario \(path): \(error)")
        }
    }
}
