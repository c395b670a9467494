internal import CLinux
import Glibc
internal import PartyCore
import Synchronization

/// The thread that owns all sockets of a share: it lets processes in, and reads and writes for each as fast as that one
/// goes, so that none holds up another.
final class ShareLoop: Sendable {
    enum Command: Sendable {
        case send(Int, [UInt8])
        /// The reader of a line wants the next lines; `nil` is its end.
        case want(Int, CheckedContinuation<[[UInt8]]?, Never>)
        case close(Int)
        case stop(CheckedContinuation<Void, Never>)
    }

    private struct Inbox: Sendable {
        var commands: [Command] = []
        var isOver = false
    }

    private let inbox = Mutex(Inbox())
    /// A pipe whose only use is to end the thread's sleep.
    private let wakeReader: Int32
    private let wakeWriter: Int32

    /// How long those who lag may take to get the rest, once all is over.
    private static let flushPatience: Int64 = 500
    /// The pause before the next accept after the system had no descriptor left.
    private static let admissionPause: Int64 = 500

    /// - Parameter admit: called on the thread with each new line's number.
    init(
        listener: Int32?, first: Int32?, admit: @escaping @Sendable (ShareLoop, Int) -> Void
    ) throws(StoreError) {
        var pipe: [Int32] = [0, 0]
        guard unsafe Glibc.pipe(&pipe) == 0 else {
            throw StoreError(.unwritable, "cannot make a pipe: " + errorText(errno))
        }
        for end in pipe { UnixSocket.setNonblocking(end) }
        wakeReader = pipe[0]
        wakeWriter = pipe[1]
        do throws(TransportError) {
            try ServiceThread.start { [self] in
                var lines = ShareLines(first: first)
                run(listener, &lines, admit)
            }
        } catch { throw StoreError(.unwritable, error.detail) }
    }

    deinit {
        Glibc.close(wakeReader)
        Glibc.close(wakeWriter)
    }

    /// The line of that number as others see it.
    /// - Parameter process: whom it leads to, where known.
    func line(_ number: Int, to process: Int32? = nil) -> StreamLine {
        let close: @Sendable () -> Void = { [self] in post(.close(number)) }
        return StreamLine(
            to: process,
            received: AsyncStream(
                unfolding: { [self] in
                    await withCheckedContinuation { continuation in
                        if !post(.want(number, continuation)) { continuation.resume(returning: nil) }
                    }
                }, onCancel: close),
            send: { [self] lines in post(.send(number, lines)) }, close: close)
    }

    /// Ends every line, after what was sent has gone out or those who lag have had their time.
    func stop() async {
        await withCheckedContinuation { continuation in
            if !post(.stop(continuation)) { continuation.resume() }
        }
    }

    /// - Returns: whether somebody is there to take it.
    @discardableResult
    private func post(_ command: Command) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isOver else { return false }
            inbox.commands.append(command)
            if inbox.commands.count == 1 { unsafe _ = write(wakeWriter, [0], 1) }
            return true
        }
    }

    private func run(_ listener: Int32?, _ lines: inout ShareLines, _ admit: (ShareLoop, Int) -> Void) {
        var end: CheckedContinuation<Void, Never>?
        var deadline: Int64 = .max
        var pause = PollPause()
        var closedUntil: Int64?
        while end == nil || (lines.isWriting && Self.milliseconds() < deadline) {
            let now = Self.milliseconds()
            if let moment = closedUntil, moment <= now { closedUntil = nil }
            let isOpen = end == nil && closedUntil == nil
            let next = [end == nil ? nil : deadline, closedUntil].compactMap { $0 }.min()
            let wait = next.map { Int32(clamping: max(0, $0 - now)) } ?? -1
            let ready = lines.wait(wakeReader, isOpen ? listener : nil, timeout: wait)
            guard pause.mayGoOn(afterRefusal: ready.isRefused) else { break }
            if ready.wasWoken { drainWakes() }
            if isOpen, ready.hasCaller, let listener {
                switch UnixSocket.accept(listener) {
                case .caller(let caller): admit(self, lines.add(caller))
                case .nobody: break
                case .noRoom: closedUntil = now + Self.admissionPause
                }
            }
            for command in takeCommands() {
                switch command {
                case .send(let number, let bytes): lines.send(bytes, on: number)
                case .want(let number, let continuation): lines.want(continuation, on: number)
                case .close(let number): lines.close(number)
                case .stop(let continuation):
                    end = continuation
                    deadline = Self.milliseconds() + Self.flushPatience
                }
            }
            if end == nil, listener == nil, lines.isEmpty { break }
        }
        finish(&lines, listener, end)
    }

    private func finish(_ lines: inout ShareLines, _ listener: Int32?, _ end: CheckedContinuation<Void, Never>?) {
        if let listener { Glibc.close(listener) }
        lines.closeAll()
        let rest = inbox.withLock { inbox in
            inbox.isOver = true
            defer { inbox.commands = [] }
            return inbox.commands
        }
        for command in rest {
            switch command {
            case .want(_, let continuation): continuation.resume(returning: nil)
            case .stop(let continuation): continuation.resume()
            case .send, .close: break
            }
        }
        end?.resume()
    }

    private func takeCommands() -> [Command] {
        inbox.withLock { inbox in
            defer { inbox.commands.removeAll(keepingCapacity: true) }
            return inbox.commands
        }
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
