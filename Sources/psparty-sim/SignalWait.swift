import Glibc

/// Waits for SIGINT or SIGTERM; from the moment it is made, neither ends the process by itself. To be made before any thread,
/// as threads inherit that the signals are kept from them.
struct SignalWait {
    private let arrivals: AsyncStream<Int32>
    private let post: AsyncStream<Int32>.Continuation

    init() {
        (arrivals, post) = AsyncStream.makeStream(of: Int32.self)
        var awaited = Self.awaited
        // Ignored ones would be lost.
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        unsafe pthread_sigmask(SIG_BLOCK, &awaited, nil)
    }

    func wait() async {
        for await _ in arrivals { break }
    }

    /// Takes the signals, as long as the process lives. For the main thread: left to the runtime, it would let them through.
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
