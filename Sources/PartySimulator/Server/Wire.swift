import Glibc

/// One accepted connection, plain or TLS, with non-blocking calls. Only the connection's thread uses it.
final class Wire {
    /// Why a connection is no longer usable.
    enum Failure: Error {
        case ended
        case stopped
        case timedOut
    }

    let descriptor: Int32
    private let session: TLSSession?
    private let messages: MessageQueue
    private var buffer = [UInt8](repeating: 0, count: 65536)
    /// The readiness that OpenSSL needs, in addition to ours.
    private var alsoWaitsToWrite = false
    /// `POLLRDHUP`, which the C library declares only with _GNU_SOURCE: the peer stopped writing.
    static let hangUp: Int16 = 0x2000

    init(descriptor: Int32, session: TLSSession?, messages: MessageQueue) {
        self.descriptor = descriptor
        self.session = session
        self.messages = messages
    }

    deinit { close(descriptor) }

    func handshake() throws(Failure) {
        guard let session else { return }
        let deadline = monotonicMilliseconds() + 10_000
        while true {
            switch session.handshake() {
            case .done: return
            case .over: throw .ended
            case .wantsRead: try pause(Int16(POLLIN), until: deadline)
            case .wantsWrite: try pause(Int16(POLLOUT), until: deadline)
            }
        }
    }

    /// The bytes that have arrived; nil if there are none yet.
    func readAvailable() throws(Failure) -> ArraySlice<UInt8>? {
        let step: TLSSession.Step = unsafe buffer.withUnsafeMutableBytes { bytes in
            if let session { return unsafe session.read(bytes) }
            let count = unsafe recv(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count > 0 { return .done(count) }
            return count < 0 && (errno == EAGAIN || errno == EINTR) ? .wantsRead : .over
        }
        alsoWaitsToWrite = step == .wantsWrite
        switch step {
        case .done(let count): return buffer[..<count]
        case .over: throw .ended
        case .wantsRead, .wantsWrite: return nil
        }
    }

    /// Writes as much as possible without blocking, and returns the number of bytes.
    func writeAvailable(_ bytes: ArraySlice<UInt8>) throws(Failure) -> Int {
        guard !bytes.isEmpty else { return 0 }
        let step: TLSSession.Step = unsafe bytes.withUnsafeBytes { bytes in
            if let session { return unsafe session.write(bytes) }
            let count = unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .done(count) }
            return errno == EAGAIN || errno == EINTR ? .wantsWrite : .over
        }
        switch step {
        case .done(let count): return count
        case .over: throw .ended
        case .wantsRead, .wantsWrite: return 0
        }
    }

    /// Waits for bytes and returns them.
    func read(timeout: Int) throws(Failure) -> ArraySlice<UInt8> {
        let deadline = monotonicMilliseconds() + Int64(timeout)
        while true {
            if let bytes = try readAvailable() { return bytes }
            try pause(Int16(POLLIN), until: deadline)
        }
    }

    func writeAll(_ bytes: [UInt8]) throws(Failure) {
        let deadline = monotonicMilliseconds() + 60_000
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try writeAvailable(rest)
            rest = rest.dropFirst(count)
            if count == 0 { try pause(Int16(POLLOUT), until: deadline) }
        }
    }

    private func pause(_ events: Int16, until deadline: Int64) throws(Failure) {
        let left = deadline - monotonicMilliseconds()
        guard left > 0 else { throw .timedOut }
        if messages.isStopped { throw .stopped }
        wait(events, milliseconds: Int(left))
    }

    /// Waits until the socket is ready, a message has come, or the time is up; a negative time is no limit.
    ///
    /// - Returns: whether the socket is ready.
    @discardableResult
    func wait(_ events: Int16, milliseconds: Int) -> Bool {
        let wanted = alsoWaitsToWrite ? events | Int16(POLLOUT) : events
        var sources = [
            pollfd(fd: descriptor, events: wanted, revents: 0),
            pollfd(fd: messages.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        unsafe poll(&sources, 2, Int32(clamping: milliseconds))
        return sources[0].revents != 0
    }

    /// Whether the peer has disconnected. Its data stays unread.
    func isAbandoned() -> Bool {
        var source = pollfd(fd: descriptor, events: Self.hangUp, revents: 0)
        unsafe poll(&source, 1, 0)
        return source.revents != 0
    }

    /// Closes the connection cleanly: sends the TLS close alert, and lets written data arrive.
    func finish() {
        session?.sayGoodbye()
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes the next close a TCP reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

/// Milliseconds of the monotonic clock.
func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
