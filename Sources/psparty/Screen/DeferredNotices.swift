internal import Synchronization

/// Holds notices while a full-screen view is shown. Lines on standard error would damage the view, so they are printed
/// after it is closed.
final class DeferredNotices: Sendable {
    /// Yields when a notice was added. Single use.
    let additions: AsyncStream<Void>
    private let signalAddition: AsyncStream<Void>.Continuation
    private let notices = Mutex<[String]>([])

    private static let limit = 100

    init() {
        (additions, signalAddition) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The same environment, with standard error captured here if it is the terminal.
    func capturing(_ environment: CommandEnvironment) -> CommandEnvironment {
        guard environment.console.isErrorTerminal else { return environment }
        var covered = environment
        covered.console.errorOutput = { self.add($0) }
        return covered
    }

    /// - Parameter text: whole lines.
    func add(_ text: String) {
        notices.withLock { $0 = $0.suffix(Self.limit - 1) + [text] }
        signalAddition.yield()
    }

    /// The first line of the latest notice.
    var last: String? {
        notices.withLock(\.last).flatMap { $0.split(separator: "\n").first.map(String.init) }
    }

    /// All notices held; old ones are dropped beyond a limit.
    var all: [String] { notices.withLock { $0 } }
}
