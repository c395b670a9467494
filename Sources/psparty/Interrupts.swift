/// SIGINT and SIGTERM as values. The first signal asks the command to stop. A second signal, or the end of the cleanup
/// time, ends the process.
struct Interrupts: Sendable {
    /// Yields the number of the first signal. Single use.
    let signals: AsyncStream<Int32>
    /// Ends the stream of signals once the command is done.
    let stop: @Sendable () -> Void

    /// For tests: no signal ever arrives.
    static func none() -> Interrupts {
        let (signals, post) = AsyncStream<Int32>.makeStream()
        return Interrupts(signals: signals, stop: { post.finish() })
    }
}
