// Declares pollfd as well: which of the two modules the compiler takes depends on the files that it compiles together.
import CWebSockets
import Glibc

/// The lines of a share with what waits on each. Belongs to the share's thread.
struct ShareLines {
    private struct Line {
        let descriptor: Int32
        /// Read, but not a whole line yet.
        var partial: [UInt8] = []
        /// Sent, but not taken by the system yet; the part before `offset` has been.
        var outgoing: [UInt8] = []
        var offset = 0
        var reader: CheckedContinuation<[[UInt8]]?, Never>?

        var isWriting: Bool { offset < outgoing.count }

        /// The lines that `bytes` complete.
        mutating func take(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
            var whole: [[UInt8]] = []
            var rest = bytes
            while let end = rest.firstIndex(of: 0x0A) {
                whole.append(partial + rest[..<end])
                partial = []
                rest = rest[rest.index(after: end)...]
            }
            partial += rest
            return whole
        }
    }

    /// What `wait` found besides the lines' own traffic.
    struct Ready {
        var wasWoken = false
        var hasCaller = false
        /// The system does not wait for us: to go on at once would keep a processor busy.
        var isRefused = false
    }

    private var lines: [Int: Line] = [:]
    private var count = 0

    /// A reader that leaves so many bytes lying is cut off: it will join again and be told the state.
    private static let outgoingLimit = 8 << 20
    /// The longest line that is put together.
    private static let lineLimit = 32 << 20

    init(first: Int32?) {
        if let first { _ = add(first) }
    }

    var isEmpty: Bool { lines.isEmpty }
    var isWriting: Bool { lines.values.contains { $0.isWriting } }

    /// - Returns: the line's number; the first is 1.
    mutating func add(_ descriptor: Int32) -> Int {
        count += 1
        lines[count] = Line(descriptor: descriptor)
        return count
    }

    mutating func send(_ bytes: [UInt8], on number: Int) {
        guard lines[number] != nil else { return }
        lines[number]?.outgoing += bytes
        write(number)
    }

    mutating func want(_ reader: CheckedContinuation<[[UInt8]]?, Never>, on number: Int) {
        guard lines[number] != nil else { return reader.resume(returning: nil) }
        lines[number]?.reader = reader
    }

    mutating func close(_ number: Int) {
        guard let line = lines.removeValue(forKey: number) else { return }
        Glibc.close(line.descriptor)
        line.reader?.resume(returning: nil)
    }

    mutating func closeAll() {
        for number in lines.keys { close(number) }
    }

    /// Sleeps until something can be done, and does what the lines need.
    mutating func wait(_ wake: Int32, _ listener: Int32?, timeout: Int32) -> Ready {
        let numbers = Array(lines.keys)
        var polls = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        polls.append(pollfd(fd: listener ?? -1, events: Int16(POLLIN), revents: 0))
        for number in numbers {
            guard let line = lines[number] else { continue }
            let events = (line.reader == nil ? 0 : POLLIN) | (line.isWriting ? POLLOUT : 0)
            // The other side's end is told unasked, and would be told for ever, while what it has sent waits for a reader.
            polls.append(pollfd(fd: events == 0 ? -1 : line.descriptor, events: Int16(events), revents: 0))
        }
        switch PollOutcome(unsafe poll(&polls, nfds_t(polls.count), timeout)) {
        case .ready: break
        case .nothing: return Ready()
        case .refused: return Ready(isRefused: true)
        }
        let gone = POLLHUP | POLLERR | POLLNVAL
        for (number, poll) in zip(numbers, polls.dropFirst(2)) where poll.revents != 0 {
            if Int32(poll.revents) & (POLLOUT | gone) != 0 { write(number) }
            if Int32(poll.revents) & (POLLIN | gone) != 0 { read(number) }
        }
        return Ready(wasWoken: polls[0].revents != 0, hasCaller: polls[1].revents != 0)
    }

    private mutating func write(_ number: Int) {
        guard var line = lines.removeValue(forKey: number) else { return }
        while line.isWriting {
            let sent = unsafe line.outgoing.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    line.descriptor, bytes.baseAddress.map { unsafe $0 + line.offset }, bytes.count - line.offset,
                    Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { break }
            line.offset += sent
        }
        let hasFailed = line.isWriting && errno != EAGAIN && errno != EINTR
        if !line.isWriting {
            line.outgoing.removeAll(keepingCapacity: line.outgoing.count < 1 << 20)
            line.offset = 0
        } else if line.offset > 1 << 20 {
            line.outgoing.removeFirst(line.offset)
            line.offset = 0
        }
        let lags = line.outgoing.count - line.offset > Self.outgoingLimit
        lines[number] = line
        if hasFailed || lags { close(number) }
    }

    /// Only where somebody takes what is read; an end waits as well until somebody does.
    private mutating func read(_ number: Int) {
        guard lines[number]?.reader != nil, var line = lines.removeValue(forKey: number) else { return }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe Glibc.read(line.descriptor, &chunk, chunk.count)
        if count < 0, errno == EAGAIN || errno == EINTR {
            lines[number] = line
            return
        }
        var whole: [[UInt8]] = []
        if count > 0 { whole = line.take(chunk[..<count]) }
        if !whole.isEmpty {
            line.reader?.resume(returning: whole)
            line.reader = nil
        }
        lines[number] = line
        if count <= 0 || line.partial.count > Self.lineLimit { close(number) }
    }
}
