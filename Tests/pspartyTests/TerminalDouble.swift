import Dispatch
import PartyTestSupport
import Synchronization

@testable import psparty

/// A terminal in the test's process: it shows its input, can be resized, and can stop reading.
final class TerminalDouble: Sendable {
    private struct State {
        var screen: VirtualScreen
        var size: TerminalSize
        var writes = 0
    }

    private let state: Mutex<State>
    private let changes: AsyncStream<Void>
    private let tell: AsyncStream<Void>.Continuation
    private let keys: AsyncStream<ScreenKey>
    private let post: AsyncStream<ScreenKey>.Continuation
    private let room = DispatchSemaphore(value: 1)

    init(rows: Int = 24, columns: Int = 80) {
        (changes, tell) = AsyncStream<Void>.makeStream()
        (keys, post) = AsyncStream<ScreenKey>.makeStream()
        state = Mutex(
            State(
                screen: VirtualScreen(rows: rows, columns: columns), size: TerminalSize(rows: rows, columns: columns)))
    }

    /// The seam that the command uses.
    var screen: TerminalScreen {
        TerminalScreen(
            size: { self.state.withLock(\.size) }, changes: changes, keys: keys,
            open: { self.show(ScreenPainter.opening) }, close: { if self.isTaken { self.show(ScreenPainter.closing) } })
    }

    func press(_ key: ScreenKey) { post.yield(key) }

    /// Blocks while the terminal does not read.
    func output(_ bytes: [UInt8]) {
        room.wait()
        state.withLock { state in
            state.screen.write(bytes)
            state.writes += 1
        }
        room.signal()
    }

    func takeNothing() { room.wait() }
    func takeAll() { room.signal() }

    func resize(rows: Int, columns: Int) {
        state.withLock { state in
            state.size = TerminalSize(rows: rows, columns: columns)
            state.screen.resize(rows: rows, columns: columns)
        }
        tell.yield()
    }

    var lines: [String] { state.withLock(\.screen.lines) }
    var isTaken: Bool { state.withLock(\.screen.isAlternate) }
    var isAsBefore: Bool {
        state.withLock { state in
            !state.screen.isAlternate && state.screen.isCursorVisible && state.screen.breaksLines
                && state.screen.unknown.isEmpty
        }
    }
    var writes: Int { state.withLock(\.writes) }

    private func show(_ text: String) {
        state.withLock { $0.screen.write(Array(text.utf8)) }
    }
}
