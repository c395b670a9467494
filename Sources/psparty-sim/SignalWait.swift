import Glibc

/// Waits for SIGINT or SIGTERM; from the moment it is made, neither ends the process by itself. To be made before any thread,
/// as threads inherit that the signals are kept from them.
struct SignalWait {
    private let arrivals: AsyncStream<Int32>

    init() throws(Failure) {
        let (arrivals, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.arrivals = arrivals
        var awaited = Self.awaited
        // Ignored ones would be lost.
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        unsafe pthread_sigmask(SIG_BLOCK, &awaited, nil)
        let isStarted = SignalThread.start { continuation.yield($0) }
        guard isStarted else { throw .internalError("no thread can be started") }
    }

    func wait() async {
        for await _ in arrivals { break }
    }

    fileprivate static var awaited: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGINT, SIGTERM] { unsafe sigaddset(&set, number) }
        return set
    }
}

/// The thread that takes the signals, as long as the process lives.
private enum SignalThread {
    private final class Taker: Sendable {
        let take: @Sendable (Int32) -> Void
        init(_ take: @escaping @Sendable (Int32) -> Void) { self.take = take }
    }

    static func start(_ take: @escaping @Sendable (Int32) -> Void) -> Bool {
        let taker = unsafe Unmanaged.passRetained(Taker(take))
        var id = pthread_t()
        let status = unsafe pthread_create(
            &id, nil,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                let taker = unsafe Unmanaged<Taker>.fromOpaque(pointer).takeRetainedValue()
                var awaited = SignalWait.awaited
                var number: Int32 = 0
                while true {
                    if unsafe sigwait(&awaited, &number) == 0 { taker.take(number) }
                }
            }, unsafe taker.toOpaque())
        guard status == 0 else {
            unsafe taker.release()
            return false
        }
        pthread_detach(id)
        return true
    }
}
