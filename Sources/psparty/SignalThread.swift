internal import Glibc
import PartyCore
import PartyLive
internal import Synchronization

/// Waits for SIGINT, SIGTERM and SIGHUP on a thread of its own, which no other work can hold up.
///
/// To be made before any other thread, as those inherit that the signals are kept from them.
final class SignalThread: Sendable {
    private let signals: AsyncStream<Int32>
    private let post: AsyncStream<Int32>.Continuation
    private let patience = Mutex(Duration.zero)
    private let beforeEnd: @Sendable () -> Void

    /// - Parameter beforeEnd: called before the process is ended from here.
    init(beforeEnd: @escaping @Sendable () -> Void) {
        (signals, post) = AsyncStream.makeStream()
        self.beforeEnd = beforeEnd
        // Who starts us in the background may have them ignored, which would lose them here.
        for number in Self.numbers { signal(number, SIG_DFL) }
        // Without that thread they end the process, as is usual.
        guard (try? ServiceThread.start { [self] in run() }) != nil else { return }
        var awaited = Self.awaited
        unsafe pthread_sigmask(SIG_BLOCK, &awaited, nil)
    }

    /// Who starts us with `nohup` does not want to be told of the terminal's end.
    private static let numbers = [SIGINT, SIGTERM] + (SignalMask.isIgnored(SIGHUP) ? [] : [SIGHUP])

    private static var awaited: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in numbers { unsafe sigaddset(&set, number) }
        return set
    }

    /// - Parameter patience: how long a stopped command may clean up.
    func interrupts(_ patience: Duration) -> Interrupts {
        self.patience.withLock { $0 = patience }
        return Interrupts(signals: signals, stop: { [post] in post.finish() })
    }

    private func run() {
        var awaited = Self.awaited
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
    /// What comes so soon after the first is the same wish once more: `timeout` tells the process and then its group.
    private static let echo: Duration = .milliseconds(100)

    /// - Returns: the signal that came within the patience, or what is no signal.
    private func awaitSecond(_ awaited: inout sigset_t, after first: Int32) -> Int32 {
        let start = ContinuousClock.now
        let patience = patience.withLock { $0 }
        while true {
            var time = timespec(max(.zero, patience - (.now - start)))
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
