import Dispatch
import Glibc

/// Waits for SIGINT or SIGTERM; from the moment it is made, neither ends the process by itself.
struct SignalWait {
    private let arrivals: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (arrivals, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.arrivals = arrivals
        signal(SIGPIPE, SIG_IGN)
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.activate()
            return source
        }
    }

    func wait() async {
        for await _ in arrivals { break }
        for source in sources { source.cancel() }
    }
}
