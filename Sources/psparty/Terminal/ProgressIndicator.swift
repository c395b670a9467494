import PartyCore
internal import Synchronization

/// A progress indicator for slow commands. It is erased before other output is written.
final class ProgressIndicator: Sendable {
    private enum Phase {
        /// The line is empty.
        case hidden
        case shown
        /// The result is printed; the indicator does not appear again.
        case over
    }

    private static let delay: Duration = .seconds(1)
    private static let interval: Duration = .milliseconds(250)
    private static let frames = ["|", "/", "-", "\\"]
    private static let erasure = "\r\u{1B}[K"

    private let terminal: Console
    private let clock: PartyClock
    private let phase = Mutex(Phase.hidden)

    /// - Parameter terminal: the console without the indicator.
    init(_ terminal: Console, clock: PartyClock) {
        self.terminal = terminal
        self.clock = clock
    }

    /// A console that erases the indicator before it writes or reads.
    var console: Console {
        var console = terminal
        console.output = { [self] (bytes) throws(Console.WriteError) in
            erase(then: .over)
            try terminal.output(bytes)
        }
        console.errorOutput = { [self] text in
            erase(then: .hidden, text)
        }
        console.input = { [self] (isSecret) async throws(PartyError) in
            erase(then: .over)
            return try await terminal.input(isSecret)
        }
        return console
    }

    /// Shows and animates the indicator after one second, until the task is cancelled or the result is printed.
    func run() async {
        await clock.sleep(Self.delay)
        var turn = 0
        while !Task.isCancelled, show(Self.frames[turn % Self.frames.count]) {
            turn += 1
            await clock.sleep(Self.interval)
        }
    }

    /// Erases the indicator permanently.
    func end() {
        erase(then: .over)
    }

    private func show(_ frame: String) -> Bool {
        phase.withLock { phase in
            guard phase != .over else { return false }
            terminal.errorOutput("\(Self.erasure)\(frame) working")
            phase = .shown
            return true
        }
    }

    /// - Parameter text: written in the same step, before the indicator can appear again.
    private func erase(then next: Phase, _ text: String = "") {
        phase.withLock { phase in
            let shown = (phase == .shown ? Self.erasure : "") + text
            if !shown.isEmpty { terminal.errorOutput(shown) }
            if phase != .over { phase = next }
        }
    }
}
