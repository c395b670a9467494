internal import Glibc
import PartyCore
import PartyLive
internal import Synchronization

/// Waits for SIGINT, SIGTERM and SIGHUP on a dedicated thread, so that no other work delays them. Until the first signal it also
/// notices when the reader of standard output exits.
///
/// Create it before any other thread: later threads inherit the blocked signal mask.
final class SignalThread: Sendable {
    private let signals: AsyncStream<Int32>
    private let post: AsyncStream<Int32>.Continuation
    private let cleanupTime = Mutex(Duration.zero)
    private let watchesReader: Bool
    private let beforeEnd: @Sendable () -> Void
    /// The reader of standard output, a pipe or socket, has closed its end.
    let readerExit = OneShotEvent()

    /// - Parameter watchesReader: whether to notice the exit of the reader, which takes a file descriptor.
    /// - Parameter beforeEnd: called before this thread ends the process.
    init(watchesReader: Bool, beforeEnd: @escaping @Sendable () -> Void) {
        (signals, post) = AsyncStream.makeStream()
        self.watchesReader = watchesReader
        self.beforeEnd = beforeEnd
        // A parent may have started us with these signals ignored, and ignored signals are never delivered.
        for number in Self.numbers { signal(number, SIG_DFL) }
        // If the thread cannot start, the signals keep their default action and end the process.
        guard (try? ServiceThread.start { [self] in run() }) != nil else { return }
        var awaited = Self.awaited
        unsafe pthread_sigmask(SIG_BLOCK, &awaited, nil)
    }

    /// `nohup` ignores SIGHUP on purpose, so it stays ignored then.
    private static let numbers = [SIGINT, SIGTERM] + (SignalMask.isIgnored(SIGHUP) ? [] : [SIGHUP])

    private static var awaited: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in numbers { unsafe sigaddset(&set, number) }
        return set
    }

    /// - Parameter cleanupTime: how long a stopped command may clean up.
    func interrupts(_ cleanupTime: Duration) -> Interrupts {
        self.cleanupTime.withLock { $0 = cleanupTime }
        return Interrupts(signals: signals, stop: { [post] in post.finish() })
    }

    private func run() {
        var awaited = Self.awaited
        if watchesReader, OutputReader.waitUntilClosed(STDOUT_FILENO, orPending: Self.numbers) { readerExit.set() }
        var first: Int32 = 0
        while unsafe sigwait(&awaited, &first) != 0 {}
        post.yield(first)
        let second = awaitSecond(&awaited, after: first)
        RunningPrograms.kill()
        beforeEnd()
        _exit(128 + (second > 0 ? second : first))
    }
}

extension SignalThread {
    /// The same signal within this time is a duplicate: `timeout` signals the process and then its process group.
    private static let echo: Duration = .milliseconds(100)

    /// - Returns: the second signal; not positive if none came in time.
    private func awaitSecond(_ awaited: inout sigset_t, after first: Int32) -> Int32 {
        let start = ContinuousClock.now
        let cleanupTime = cleanupTime.withLock { $0 }
        while true {
            var time = timespec(max(.zero, cleanupTime - (.now - start)))
            let second = unsafe sigtimedwait(&awaited, nil, &time)
            if second != first || .now - start > Self.echo { return second }
        }
    }
}

extension timespec {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    }
}
