/// SIGINT and SIGTERM as values. The first asks the command to stop; the end comes by itself once its patience is over, or
/// at once with the second.
struct Interrupts: Sendable {
    /// The signal's number, once.
    let signals: AsyncStream<Int32>
    /// The command is done: no signal is waited for any more.
    let stop: @Sendable () -> Void

    /// For runs that no signal reaches.
    static func none() -> Interrupts {
        let (signals, post) = AsyncStream<Int32>.makeStream()
        return Interrupts(signals: signals, stop: { post.finish() })
    }
}
