internal import Dispatch
internal import Glibc
internal import Synchronization

/// Reads the keys that are typed on standard input.
final class Keyboard: Sendable {
    /// Single use.
    let keys: AsyncStream<ScreenKey>
    private let post: AsyncStream<ScreenKey>.Continuation
    private let isReadable: @Sendable () -> Bool
    private let decoder = Mutex(ScreenKeyDecoder())
    private let hasStarted = Mutex(false)
    private let queue = DispatchQueue(label: "psparty.keys")

    /// How long to leave what is typed to another program.
    private static let pause = DispatchTimeInterval.milliseconds(300)

    /// - Parameter isReadable: whether what is typed is for this process. The system would stop it for reading in the background.
    init(isReadable: @escaping @Sendable () -> Bool) {
        (keys, post) = AsyncStream.makeStream()
        self.isReadable = isReadable
    }

    func start() {
        let isFirst = hasStarted.withLock { hasStarted in
            defer { hasStarted = true }
            return !hasStarted
        }
        if isFirst { queue.async { self.wait() } }
    }

    private func wait() {
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        source.setEventHandler { [self] in
            source.cancel()
            guard isReadable() else { return queue.asyncAfter(deadline: .now() + Self.pause) { self.wait() } }
            if read() { wait() } else { post.finish() }
        }
        source.resume()
    }

    /// - Returns: `false` if nothing more can be read.
    private func read() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else { return count < 0 && (errno == EINTR || errno == EAGAIN) }
        for key in decoder.withLock({ $0.keys(in: Array(bytes[..<count])) }) { post.yield(key) }
        return true
    }
}
