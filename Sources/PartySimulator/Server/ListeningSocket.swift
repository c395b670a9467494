import Glibc

/// A socket that listens only on 127.0.0.1.
enum ListeningSocket {
    static func open(port: UInt16) throws(LoopbackServer.StartError) -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw LoopbackServer.StartError(description: "no socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var one: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) == 0 }
        }
        guard isBound, listen(descriptor, 256) == 0 else {
            close(descriptor)
            throw LoopbackServer.StartError(description: "cannot listen on port \(port) of 127.0.0.1")
        }
        var bound = sockaddr_in()
        var length = size
        let isNamed = unsafe withUnsafeMutablePointer(to: &bound) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isNamed else {
            close(descriptor)
            throw LoopbackServer.StartError(description: "cannot read the port of the listening socket")
        }
        return (descriptor, UInt16(bigEndian: bound.sin_port))
    }
}
