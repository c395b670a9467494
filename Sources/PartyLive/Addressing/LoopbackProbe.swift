internal import CWebSockets
import Glibc
package import PartyCore

/// Whether a server on this machine takes connections. Nothing is sent.
enum LoopbackProbe {
    /// Only a refusal is a no: a server that is busy may be slow to take a connection.
    static func isRefused(_ target: TargetURL) -> Bool {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(target.host, String(target.port), &hints, &first) == 0 else { return false }
        defer { unsafe freeaddrinfo(first) }
        var entry = unsafe first
        var hasAddress = false
        while let address = unsafe entry?.pointee {
            guard unsafe refuses(address) else { return false }
            hasAddress = true
            unsafe entry = address.ai_next
        }
        return hasAddress
    }

    private static func refuses(_ address: addrinfo) -> Bool {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(address.ai_family, kind, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard unsafe connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 else { return false }
        guard errno == EINPROGRESS else { return errno == ECONNREFUSED }
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe poll(&wait, 1, 500) > 0 && getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) == 0
            && problem == ECONNREFUSED
    }
}

extension ServiceHosts {
    /// Whether that origin is a server on this machine.
    package static func isLoopback(_ origin: String) -> Bool {
        (try? TargetURL(origin))?.isLoopback ?? false
    }

    /// Whether nothing listens at that origin on this machine.
    package static func isRefused(_ origin: String) -> Bool {
        (try? TargetURL(origin)).map(LoopbackProbe.isRefused) ?? false
    }
}
