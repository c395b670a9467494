import PartyCore
internal import Synchronization

/// A sign on the terminal that a slow command is at work. It is gone before anything else is written.
final class ProgressSign: Sendable {
    private enum Phase {
        /// Nothing stands on the line.
        case hidden
        case shown
        /// The result is out: never again.
        case over
    }

    private static let patience: Duration = .seconds(1)
    private static let pace: Duration = .milliseconds(250)
    private static let frames = ["|", "/", "-", "\\"]
    private static let erasure = "\r\u{1B}[K"

    private let terminal: Console
    private let clock: PartyClock
    private let phase = Mutex(Phase.hidden)

    /// - Parameter terminal: the console without the sign.
    init(_ terminal: Console, clock: PartyClock) {
        self.terminal = terminal
        self.clock = clock
    }

    /// The console to use meanwhile: it erases the sign before it writes or reads.
    var console: Console {
        var console = terminal
        console.output = { [self] (bytes) throws(Console.WriteError) in
            erase(then: .over)
            try terminal.output(bytes)
        }
        console.complain = { [self] text in
            erase(then: .hidden, text)
        }
        console.input = { [self] (isSecret) async throws(PartyError) in
            erase(then: .over)
            return try await terminal.input(isSecret)
        }
        return console
    }

    /// Shows the sign after a second, and moves it, until the task is cancelled or the result is out.
    func run() async {
        await clock.sleep(Self.patience)
        var turn = 0
        while !Task.isCancelled, show(Self.frames[turn % Self.frames.count]) {
            turn += 1
            await clock.sleep(Self.pace)
        }
    }

    /// Takes the sign away for good.
    func end() {
        erase(then: .over)
    }

    private func show(_ frame: String) -> Bool {
        phase.withLock { phase in
            guard phase != .over else { return false }
            terminal.complain("\(Self.erasure)\(frame) working")
            phase = .shown
            return true
        }
    }

    /// - Parameter text: what is written in its place, before it can come back.
    private func erase(then next: Phase, _ text: String = "") {
        phase.withLock { phase in
            let shown = (phase == .shown ? Self.erasure : "") + text
            if !shown.isEmpty { terminal.complain(shown) }
            if phase != .over { phase = next }
        }
    }
}
