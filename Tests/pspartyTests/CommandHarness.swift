import Dispatch
import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Synchronization

@testable import psparty

/// The result of one run of the command line.
struct CommandResult: Equatable {
    var stdout: String
    var stderr: String
    var status: Int32
}

/// Runs real argument lists against a simulated service, each profile with files in memory.
final class CommandHarness: Sendable {
    private struct State {
        var stores: [String: MemoryStore] = [:]
        var shares: [String: MemoryShare] = [:]
        var stdout: [UInt8] = []
        var stderr = ""
        /// The engine of `voice run`: one that exits at once.
        var engine = EngineDouble { engine, _ in engine.end(.exited(status: 0)) }
        var terminal: TerminalDouble?
    }

    let world: TestWorld
    private let transport: any Transport
    private let clock: PartyClock
    private let random: @Sendable () -> PartyRandom
    /// Set by a test: the reader of standard output has closed its end.
    let readerExit = OneShotEvent()
    /// The messages to the service manager.
    let told = Tape<String>()
    private let state = Mutex(State())
    /// The parent folder of the profile's files; without one the files are in memory.
    private let folder: ScratchFolder?
    private let prefix: String

    /// - Parameter clock: an instant one by default, so that retries take no time.
    /// - Parameter waits: the waits that end at once; all others last until they are cancelled.
    init(
        _ scenario: Scenario = Scenario(), clock: ManualClock = ManualClock(isInstant: true),
        waits: (@Sendable (Duration) -> Bool)? = nil, random: @escaping @Sendable () -> PartyRandom = { .counting() },
        folder: ScratchFolder? = nil, below name: String? = nil
    ) {
        self.folder = folder
        prefix = name.map { $0 + "/" } ?? ""
        world = TestWorld(scenario, clock: clock)
        transport = world.transport
        self.random = random
        var partyClock = clock.partyClock
        if let waits {
            let patient = ManualClock().partyClock
            partyClock.sleep = { [partyClock] wait in
                await (waits(wait) ? partyClock : patient).sleep(wait)
            }
        }
        self.clock = partyClock
    }

    /// Commands against a service that the test made itself.
    init(service: SimulatedService, clock: ManualClock, folder: ScratchFolder? = nil) {
        self.folder = folder
        prefix = ""
        world = TestWorld(service, clock: clock)
        transport = world.transport
        self.clock = clock.partyClock
        random = { .counting() }
    }

    /// Variables that name the simulator and no real folder.
    var variables: [String: String] {
        [
            "PSPARTY_SERVER": InProcessTransport.origin, "PSPARTY_CLIENT_ID": world.service.clientId,
            "PSPARTY_CLIENT_SECRET": world.service.clientSecret,
            "PSPARTY_STATE_HOME": folder?(prefix + "state") ?? "/nonexistent",
            "PSPARTY_CONFIG_HOME": folder?(prefix + "config") ?? "/nonexistent",
        ]
    }

    func share(_ profile: String) -> MemoryShare {
        state.withLock { state in
            let share = state.shares[profile] ?? MemoryShare()
            state.shares[profile] = share
            return share
        }
    }

    func store(_ profile: String = "default") -> MemoryStore {
        state.withLock { state in
            if let known = state.stores[profile] { return known }
            let made = MemoryStore()
            state.stores[profile] = made
            return made
        }
    }

    /// Makes commands run on that terminal.
    func use(_ terminal: TerminalDouble) {
        state.withLock { $0.terminal = terminal }
    }

    /// Makes `voice run` start that engine.
    func use(_ engine: EngineDouble) {
        state.withLock { $0.engine = engine }
    }

    /// The output so far of a run that has not ended.
    var printed: String { state.withLock { String(decoding: $0.stdout, as: UTF8.self) } }

    /// Its standard error so far.
    var complained: String { state.withLock { $0.stderr } }

    private let gate = DispatchSemaphore(value: 1)

    /// From now on writes to standard output block, as with a reader that does not read.
    func holdOutput() { gate.wait() }

    func letOutputGo() { gate.signal() }

    func run(
        _ arguments: String..., input: [String] = [], terminal: Bool = false, variables: [String: String] = [:],
        transport: (any Transport)? = nil, writeError: Console.WriteError? = nil, interrupts: Interrupts = .none()
    ) async -> CommandResult {
        await run(
            arguments, input: input, terminal: terminal, variables: variables, transport: transport,
            writeError: writeError, interrupts: interrupts)
    }

    func run(
        _ arguments: [String], input: [String] = [], terminal: Bool = false, variables: [String: String] = [:],
        transport: (any Transport)? = nil, writeError: Console.WriteError? = nil, interrupts: Interrupts = .none()
    ) async -> CommandResult {
        state.withLock { state in
            state.stdout = []
            state.stderr = ""
        }
        let status = await CLI.run(
            arguments,
            in: environment(input, terminal, variables, transport ?? self.transport, writeError, interrupts))
        return state.withLock { state in
            CommandResult(
                stdout: String(decoding: state.stdout, as: UTF8.self), stderr: state.stderr, status: status)
        }
    }

    /// Signs a profile in as the account with that index.
    /// - Parameter server: the server of the sign-in, if it is not this harness's simulator.
    func signIn(_ account: Int = 0, profile: String = "default", server: String? = nil) async {
        _ = await run(
            ["login", "--npsso", "-", "--profile", profile] + (server == nil ? [] : ["--replace"]),
            input: [world.service.accounts[account].npsso], variables: server.map { ["PSPARTY_SERVER": $0] } ?? [:])
    }

    private func environment(
        _ input: [String], _ terminal: Bool, _ variables: [String: String], _ transport: any Transport,
        _ writeError: Console.WriteError?, _ interrupts: Interrupts
    ) -> CommandEnvironment {
        let lines = Mutex(input)
        let screen = state.withLock(\.terminal)
        var console = Console(
            output: { (bytes) throws(Console.WriteError) in
                if let writeError { throw writeError }
                screen?.output(bytes)
                self.gate.wait()
                defer { self.gate.signal() }
                self.state.withLock { $0.stdout += bytes }
            },
            errorOutput: { text in self.state.withLock { $0.stderr += text } },
            input: { _ in
                lines.withLock { lines in lines.isEmpty ? nil : Redacted(lines.removeFirst()) }
            },
            piece: { () async throws(PartyError) in
                lines.withLock { lines in lines.isEmpty ? nil : Array((lines.removeFirst() + "\n").utf8) }
            },
            isTerminal: terminal || screen != nil, isInputTerminal: false, isErrorTerminal: screen != nil)
        console.readerExit = readerExit
        var environment = CommandEnvironment(
            console: console, variables: self.variables.merging(variables) { $1 }, transport: { _ in transport },
            store: { configuration in
                self.folder == nil ? self.store(configuration.settings.profile) : configuration.place.store
            },
            share: { self.share($0.settings.profile) }, spillPolicy: { CommandEnvironment.liveSpillPolicy($0) },
            clock: clock,
            random: random(),
            interrupts: { _ in interrupts })
        environment.voiceShare = { self.share($0.settings.profile + " voice") }
        environment.screen = screen?.screen
        let engine = state.withLock(\.engine)
        environment.serviceManager = ServiceManager(processID: 7, send: { [told] message, _ in told.append(message) })
        environment.engine = { _ in engine.link() }
        return environment
    }
}
