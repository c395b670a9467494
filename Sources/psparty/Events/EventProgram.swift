import PartyCore
import PartyLive
internal import Synchronization

/// The program of `--exec`: runs for each printed event, in order, one at a time.
struct EventProgram: Sendable {
    private let runs: EventRuns
    let spool: LineSpool

    /// How long the program may take to end after SIGTERM.
    private static let terminationTimeout: Duration = .milliseconds(150)

    /// - Throws: `.notFound` if the program does not exist.
    init(_ name: String, _ context: CommandContext) throws(PartyError) {
        let child = try ChildProgram(name, variables: context.configuration.childVariables)
        let runs = EventRuns(name: name, child: child, console: context.console)
        self.runs = runs
        spool = LineSpool(.oneByOne, context.spillPolicy) { (line) throws(LineSpool.Failure) in try runs.run(line) }
    }

    /// Ends the program if it still runs, and reports its failures.
    func finish(_ clock: PartyClock) async {
        let rest = spool.waiting
        if rest > 0 {
            runs.child.end(firmly: false)
            await clock.sleep(Self.terminationTimeout)
            runs.child.end(firmly: true)
            spool.abandon()
        }
        runs.summarize(rest: rest)
    }
}

/// Runs the program, counts its failures and reports them.
private final class EventRuns: Sendable {
    private struct Tally {
        var runs = 0
        var failures = 0
    }

    let child: ChildProgram
    private let name: String
    private let console: Console
    private let tally = Mutex(Tally())

    init(name: String, child: ChildProgram, console: Console) {
        self.name = name
        self.child = child
        self.console = console
    }

    func run(_ line: [UInt8]) throws(LineSpool.Failure) {
        let event = try? JSONDocument(Array(line.dropLast())).root
        let variables = [
            "PSPARTY_EVENT_TYPE": Self.variable(event?["type"]),
            "PSPARTY_EVENT_PARTY": Self.variable(event?["partyId"]),
            "PSPARTY_EVENT_FROM": Self.variable(event?["from"]?["accountId"]),
        ]
        let end = child.run(input: line, variables: variables)
        if end == .stopped { throw .takerLeft }
        tally.withLock { $0.runs += 1 }
        guard let problem = end.problem else { return }
        tally.withLock { $0.failures += 1 }
        let number = event?["seq"]?.integer.map { " on event \($0)" } ?? ""
        console.errorOutput("psparty: \(name.displayed) \(problem)\(number)\n")
    }

    /// Makes an external value safe for an environment variable. NUL would end the value, a line break would look like
    /// another variable to a program that reads lines, and a long value could prevent the start of the program.
    private static func variable(_ value: JSONView?) -> String {
        (value?.string ?? "").cut(to: 1000).displayed
    }

    func summarize(rest: Int) {
        let tally = tally.withLock { $0 }
        if rest > 0 {
            console.errorOutput(
                "psparty: \(name.displayed) was ended; \(rest) \(rest == 1 ? "event was" : "events were") not processed\n"
            )
        }
        if tally.failures > 0 {
            console.errorOutput("psparty: \(name.displayed) failed for \(tally.failures) of \(tally.runs) events\n")
        }
    }
}

extension ChildProgram.End {
    /// The failure as a predicate; `nil` for success.
    fileprivate var problem: String? {
        switch self {
        case .exited(0), .stopped: nil
        case .exited(let status): "failed with exit status \(status)"
        case .signalled(let number): "was ended by signal \(number)"
        case .unknown: "ended with unknown exit status, because SIGCHLD is ignored,"
        case .notStarted(let words): "did not start (\(words))"
        }
    }
}
