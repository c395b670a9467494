internal import CLinux
import Glibc
internal import PartyCore

/// The thread that owns all sockets of a share. It accepts connections, and reads and writes on each without blocking, so that
/// a slow process does not delay the others.
final class ShareLoop: Sendable {
    enum Command: Sendable {
        case send(Int, [UInt8])
        /// The reader of a connection wants the next lines; `nil` is its end.
        case want(Int, CheckedContinuation<[[UInt8]]?, Never>)
        case close(Int)
        case stop(CheckedContinuation<Void, Never>)
    }

    private let commands = CommandQueue<Command>()
    /// A pipe whose only use is to end the thread's sleep.
    private let wakeReader: Int32
    private let wakeWriter: Int32

    /// How long slow readers may take to read the rest after `stop`.
    private static let flushTimeout: Int64 = 500
    /// The pause in milliseconds before the next accept, if there was no free descriptor.
    private static let admissionPause: Int64 = 500

    /// - Parameter admit: called on the thread with the number of each new connection.
    /// - Parameter ended: called on the thread once it takes no more connections.
    init(
        listener: Int32?, first: Int32?, admit: @escaping @Sendable (ShareLoop, Int) -> Void,
        ended: @escaping @Sendable () -> Void = {}
    ) throws(StoreError) {
        var pipe: [Int32] = [0, 0]
        guard unsafe Glibc.pipe(&pipe) == 0 else {
            throw StoreError(.unwritable, "cannot make a pipe: " + errorText(errno))
        }
        for end in pipe { UnixSocket.setNonblocking(end) }
        wakeReader = pipe[0]
        wakeWriter = pipe[1]
        commands.setWake { [wakeWriter] in unsafe _ = write(wakeWriter, [0], 1) }
        do throws(TransportError) {
            try ServiceThread.start { [self] in
                var connections = ShareConnections(first: first)
                run(listener, &connections, admit)
                ended()
            }
        } catch { throw StoreError(.unwritable, error.detail) }
    }

    deinit {
        Glibc.close(wakeReader)
        Glibc.close(wakeWriter)
    }

    /// The connection of that number, for its user.
    /// - Parameter process: the process on the other side, if known.
    func connection(_ number: Int, to process: Int32? = nil) -> ShareConnection {
        let close: @Sendable () -> Void = { [self] in commands.post(.close(number)) }
        return ShareConnection(
            to: process,
            received: AsyncStream(
                unfolding: { [self] in
                    await withCheckedContinuation { continuation in
                        if !commands.post(.want(number, continuation)) { continuation.resume(returning: nil) }
                    }
                }, onCancel: close),
            send: { [self] lines in commands.post(.send(number, lines)) }, close: close)
    }

    /// Closes every connection, after the bytes that wait are sent or `flushTimeout` has passed.
    func stop() async {
        await withCheckedContinuation { continuation in
            if !commands.post(.stop(continuation)) { continuation.resume() }
        }
    }

    private func run(_ listener: Int32?, _ connections: inout ShareConnections, _ admit: (ShareLoop, Int) -> Void) {
        var end: CheckedContinuation<Void, Never>?
        var deadline: Int64 = .max
        var pause = PollPause()
        var closedUntil: Int64?
        while end == nil || (connections.isWriting && Self.milliseconds() < deadline) {
            let now = Self.milliseconds()
            if let moment = closedUntil, moment <= now { closedUntil = nil }
            let isOpen = end == nil && closedUntil == nil
            let next = [end == nil ? nil : deadline, closedUntil].compactMap { $0 }.min()
            let wait = next.map { Int32(clamping: max(0, $0 - now)) } ?? -1
            let ready = connections.wait(wakeReader, isOpen ? listener : nil, timeout: wait)
            guard pause.mayGoOn(afterRefusal: ready.isRefused) else { break }
            if ready.wasWoken { drainWakes() }
            if isOpen, ready.hasCaller, let listener {
                switch UnixSocket.accept(listener) {
                case .caller(let caller): admit(self, connections.add(caller))
                case .none: break
                case .noDescriptor: closedUntil = now + Self.admissionPause
                }
            }
            for command in commands.take() {
                switch command {
                case .send(let number, let bytes): connections.send(bytes, on: number)
                case .want(let number, let continuation): connections.want(continuation, on: number)
                case .close(let number): connections.close(number)
                case .stop(let continuation):
                    end = continuation
                    deadline = Self.milliseconds() + Self.flushTimeout
                }
            }
            if end == nil, listener == nil, connections.isEmpty { break }
        }
        finish(&connections, listener, end)
    }

    private func finish(
        _ connections: inout ShareConnections, _ listener: Int32?, _ end: CheckedContinuation<Void, Never>?
    ) {
        if let listener { Glibc.close(listener) }
        connections.closeAll()
        for command in commands.close() {
            switch command {
            case .want(_, let continuation): continuation.resume(returning: nil)
            case .stop(let continuation): continuation.resume()
            case .send, .close: break
            }
        }
        end?.resume()
    }

    private func drainWakes() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(wakeReader, &bytes, bytes.count) > 0 {}
    }

    private static func milliseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
