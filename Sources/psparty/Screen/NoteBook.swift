internal import Synchronization

/// What people should know while a screen is shown, which lines on standard error would spoil: kept until it is gone.
final class NoteBook: Sendable {
    /// Yields when there is a new one. Of use once.
    let additions: AsyncStream<Void>
    private let tell: AsyncStream<Void>.Continuation
    private let notes = Mutex<[String]>([])

    private static let memory = 100

    init() {
        (additions, tell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The shell with what people should know kept here, where it would go over the screen.
    func covering(_ shell: Shell) -> Shell {
        guard shell.console.isErrorTerminal else { return shell }
        var covered = shell
        covered.console.complain = { self.add($0) }
        return covered
    }

    /// - Parameter text: whole lines.
    func add(_ text: String) {
        notes.withLock { $0 = $0.suffix(Self.memory - 1) + [text] }
        tell.yield()
    }

    /// The latest, without the end of its line.
    var last: String? {
        notes.withLock(\.last).flatMap { $0.split(separator: "\n").first.map(String.init) }
    }

    /// All that are kept.
    var all: [String] { notes.withLock { $0 } }
}
