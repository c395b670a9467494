// Declares pollfd as well: which of the two modules the compiler takes depends on the files that it compiles together.
import CWebSockets
import Glibc
import PartyCore

/// The two pipes of an engine: the bytes to write, and the lines that were read.
struct EnginePipes: ~Copyable {
    private var input: Int32
    private var output: Int32
    private let lineLimit: Int
    /// The bytes that the engine has not read yet.
    private(set) var waiting: [UInt8] = []
    private var partial: [UInt8] = []
    private var isInputToEnd = false

    init(input: Int32, output: Int32, lineLimit: Int) {
        self.input = input
        self.output = output
        self.lineLimit = lineLimit
    }

    /// Whether the engine may still say something.
    var hasMore: Bool { output >= 0 }

    mutating func add(_ bytes: [UInt8]) {
        waiting += bytes
    }

    /// Takes no further input. Input that waits is dropped as soon as the engine does not read it.
    mutating func endInput() {
        isInputToEnd = true
    }

    /// Writes and reads as much as possible without waiting.
    mutating func exchange(mayRead: Bool) -> [EngineLink.Output] {
        write()
        return mayRead ? read() : []
    }

    private mutating func write() {
        while input >= 0, !waiting.isEmpty {
            let count = unsafe waiting.withUnsafeBytes { unsafe Glibc.write(input, $0.baseAddress, $0.count) }
            if count > 0 {
                waiting.removeFirst(count)
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                closeInput()
            }
        }
        if isInputToEnd { closeInput() }
    }

    private mutating func closeInput() {
        if input >= 0 { Glibc.close(input) }
        input = -1
        waiting = []
    }

    private mutating func read() -> [EngineLink.Output] {
        var lines: [EngineLink.Output] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while output >= 0, lines.count < 64 {
            let count = unsafe Glibc.read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else {
                closeOutput()
                break
            }
            partial += buffer[..<count]
            takeLines(&lines)
        }
        return lines
    }

    /// Removes the whole lines from the bytes that were read, up to a line that is too long, complete or not.
    private mutating func takeLines(_ lines: inout [EngineLink.Output]) {
        var start = partial.startIndex
        while let end = partial[start...].firstIndex(of: 0x0A), end - start <= lineLimit {
            lines.append(.line(Array(partial[start..<end])))
            start = end + 1
        }
        partial.removeFirst(start)
        let size = partial.firstIndex(of: 0x0A) ?? partial.count
        if size > lineLimit {
            lines.append(.lineTooLong(size))
            closeOutput()
        }
    }

    private mutating func closeOutput() {
        if output >= 0 { Glibc.close(output) }
        output = -1
        partial = []
    }

    mutating func close() {
        closeInput()
        closeOutput()
    }

    /// Sleeps until there is something to do.
    /// - Parameter timeout: milliseconds; negative for no end.
    /// - Returns: whether the system waits at all.
    func wait(for wake: Int32, mayRead: Bool, timeout: Int32) -> Bool {
        var polled = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        if output >= 0, mayRead { polled.append(pollfd(fd: output, events: Int16(POLLIN), revents: 0)) }
        if input >= 0, !waiting.isEmpty { polled.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
        let outcome = PollOutcome(unsafe poll(&polled, nfds_t(polled.count), timeout))
        guard outcome == .ready, polled[0].revents != 0 else { return outcome != .refused }
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe Glibc.read(wake, &bytes, bytes.count) > 0 {}
        return true
    }
}
