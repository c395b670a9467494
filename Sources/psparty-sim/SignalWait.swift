import Glibc

/// Waits for SIGINT or SIGTERM, and blocks both from its creation on. Create it before any thread, because threads inherit
/// the signal mask.
struct SignalWait {
    private let arrivals: AsyncStream<Int32>
    private let post: AsyncStream<Int32>.Continuation

    init() {
        (arrivals, post) = AsyncStream.makeStream(of: Int32.self)
        var awaited = Self.awaited
        // Ignored signals would never be delivered.
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        unsafe pthread_sigmask(SIG_BLOCK, &awaited, nil)
    }

    func wait() async {
        for await _ in arrivals { break }
    }

    /// Receives the signals until the process ends. Runs on the main thread, whose signal mask the runtime does not keep.
    func take() -> Never {
        var awaited = Self.awaited
        var number: Int32 = 0
        while true {
            if unsafe sigwait(&awaited, &number) == 0 { post.yield(number) }
        }
    }

    private static var awaited: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGINT, SIGTERM] { unsafe sigaddset(&set, number) }
        return set
    }
}
