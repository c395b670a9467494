import Glibc

/// Asks the system for the state of a socket. In a file without any C library's header: Swift knows a type like pollfd by one module
/// alone, the first it meets, and files that do not import that one cannot use it then.
enum SocketState {
    /// Whether it is connected.
    static func hasPeer(_ descriptor: Int32) -> Bool {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutableBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress else { return false }
            return unsafe getpeername(descriptor, base.assumingMemoryBound(to: sockaddr.self), &size) == 0
        }
    }

    /// Whether a read would not wait.
    static func hasInput(_ descriptor: Int32) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe Glibc.poll(&poll, 1, 0) > 0
    }
}
