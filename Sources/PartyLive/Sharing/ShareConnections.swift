// Declares pollfd as well: which of the two modules the compiler takes depends on the files that it compiles together.
import CWebSockets
import Glibc

/// The connections of a share, each with the bytes that wait on it. Belongs to the share's thread.
struct ShareConnections {
    private struct Connection {
        let descriptor: Int32
        /// Read, but not a whole line yet.
        var partial: [UInt8] = []
        /// Bytes to send; the system has taken those before `offset`.
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

    /// What `wait` found besides traffic on the connections.
    struct Ready {
        var wasWoken = false
        var hasCaller = false
        /// `poll` failed: calling it again at once would keep a processor busy.
        var isRefused = false
    }

    private var connections: [Int: Connection] = [:]
    private var count = 0

    /// A follower with more unread bytes than this is cut off: it will join again and get the present state.
    private static let outgoingLimit = 8 << 20
    /// The longest line that is put together.
    private static let lineLimit = 32 << 20

    init(first: Int32?) {
        if let first { _ = add(first) }
    }

    var isEmpty: Bool { connections.isEmpty }
    var isWriting: Bool { connections.values.contains { $0.isWriting } }

    /// - Returns: the connection's number; the first is 1.
    mutating func add(_ descriptor: Int32) -> Int {
        count += 1
        connections[count] = Connection(descriptor: descriptor)
        return count
    }

    mutating func send(_ bytes: [UInt8], on number: Int) {
        guard connections[number] != nil else { return }
        connections[number]?.outgoing += bytes
        write(number)
    }

    mutating func want(_ reader: CheckedContinuation<[[UInt8]]?, Never>, on number: Int) {
        guard connections[number] != nil else { return reader.resume(returning: nil) }
        connections[number]?.reader = reader
    }

    mutating func close(_ number: Int) {
        guard let connection = connections.removeValue(forKey: number) else { return }
        Glibc.close(connection.descriptor)
        connection.reader?.resume(returning: nil)
    }

    mutating func closeAll() {
        for number in connections.keys { close(number) }
    }

    /// Sleeps until a connection, the wake pipe or the listener is ready; then reads and writes.
    mutating func wait(_ wake: Int32, _ listener: Int32?, timeout: Int32) -> Ready {
        let numbers = Array(connections.keys)
        var polls = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        polls.append(pollfd(fd: listener ?? -1, events: Int16(POLLIN), revents: 0))
        for number in numbers {
            guard let connection = connections[number] else { continue }
            let events = (connection.reader == nil ? 0 : POLLIN) | (connection.isWriting ? POLLOUT : 0)
            // poll reports a hang-up even if it is not asked for; while nothing is wanted, it would return at once again and again.
            polls.append(pollfd(fd: events == 0 ? -1 : connection.descriptor, events: Int16(events), revents: 0))
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
        guard var connection = connections.removeValue(forKey: number) else { return }
        while connection.isWriting {
            let sent = unsafe connection.outgoing.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    connection.descriptor, bytes.baseAddress.map { unsafe $0 + connection.offset },
                    bytes.count - connection.offset,
                    Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { break }
            connection.offset += sent
        }
        let hasFailed = connection.isWriting && errno != EAGAIN && errno != EINTR
        if !connection.isWriting {
            connection.outgoing.removeAll(keepingCapacity: connection.outgoing.count < 1 << 20)
            connection.offset = 0
        } else if connection.offset > 1 << 20 {
            connection.outgoing.removeFirst(connection.offset)
            connection.offset = 0
        }
        let lags = connection.outgoing.count - connection.offset > Self.outgoingLimit
        connections[number] = connection
        if hasFailed || lags { close(number) }
    }

    /// Reads only while a reader waits; the end of the connection waits for the reader too.
    private mutating func read(_ number: Int) {
        guard connections[number]?.reader != nil, var connection = connections.removeValue(forKey: number) else {
            return
        }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe Glibc.read(connection.descriptor, &chunk, chunk.count)
        if count < 0, errno == EAGAIN || errno == EINTR {
            connections[number] = connection
            return
        }
        var whole: [[UInt8]] = []
        if count > 0 { whole = connection.take(chunk[..<count]) }
        if !whole.isEmpty {
            connection.reader?.resume(returning: whole)
            connection.reader = nil
        }
        connections[number] = connection
        if count <= 0 || connection.partial.count > Self.lineLimit { close(number) }
    }
}
