internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM as values. The first asks the command to stop; the end comes by itself once its patience is over, or
/// at once with the second.
struct Interrupts: Sendable {
    /// The signal's number, once.
    let signals: AsyncStream<Int32>
    /// The command is done: no signal is waited for any more.
    let stop: @Sendable () -> Void

    /// - Parameter patience: how long a stopped command may clean up.
    /// - Parameter beforeEnd: called before the process is ended from here.
    static func live(patience: Duration, beforeEnd: @escaping @Sendable () -> Void) -> Interrupts {
        let (signals, post) = AsyncStream<Int32>.makeStream()
        let seen = Mutex(false)
        let queue = DispatchQueue(label: "psparty.signals")
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                let isSecond = seen.withLock { seen in
                    defer { seen = true }
                    return seen
                }
                let end: @Sendable () -> Void = {
                    beforeEnd()
                    _exit(128 + number)
                }
                if isSecond { return end() }
                post.yield(number)
                queue.asyncAfter(deadline: .now() + .milliseconds(Int(patience.milliseconds)), execute: end)
            }
            source.resume()
            // Signals belong to the process, so the source lives as long as it does.
            _ = unsafe Unmanaged.passRetained(source as AnyObject)
        }
        return Interrupts(signals: signals, stop: { post.finish() })
    }

    /// For runs that no signal reaches.
    static func none() -> Interrupts {
        let (signals, post) = AsyncStream<Int32>.makeStream()
        return Interrupts(signals: signals, stop: { post.finish() })
    }
}
