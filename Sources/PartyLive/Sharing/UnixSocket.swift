internal import CWebSockets
import Glibc
internal import PartyCore

/// Stream sockets between processes of one user, at a path of the file system.
enum UnixSocket {
    /// A listening socket that only the user can connect to; a file that is left over in its place is replaced.
    static func listen(at path: String) throws(StoreError) -> Int32 {
        unsafe unlink(path)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw failure("cannot make a socket") }
        // The mode of a bound socket is the one it has before, less the umask.
        let isOpen =
            unsafe fchmod(descriptor, 0o600) == 0 && withAddress(of: path, { unsafe bind(descriptor, $0, $1) }) == 0
            && Glibc.listen(descriptor, 128) == 0
        guard isOpen else {
            let error = failure("cannot listen at \(path)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// - Returns: `nil` if no process listens there.
    static func connect(to path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return nil }
        guard unsafe withAddress(of: path, { unsafe Glibc.connect(descriptor, $0, $1) }) == 0, isOwn(descriptor) else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// The result of an accept.
    enum Admission {
        case caller(Int32)
        /// No connection waits, or it is from another user.
        case none
        /// A connection waits, and there is no descriptor for it.
        case noDescriptor
    }

    static func accept(_ listener: Int32) -> Admission {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else {
            return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) ? .noDescriptor : .none
        }
        setNonblocking(descriptor)
        guard isOwn(descriptor) else {
            close(descriptor)
            return .none
        }
        // The other side sees the close at once and tries again later.
        guard !Descriptors.isOfReserve(descriptor) else {
            close(descriptor)
            return .noDescriptor
        }
        return .caller(descriptor)
    }

    /// Makes the descriptor non-blocking, and closes it in programs that we start.
    static func setNonblocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    fileprivate static let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

    /// The process that listens on the other side, or that connected.
    static func process(of descriptor: Int32) -> Int32? { peer(of: descriptor).map { Int32(bitPattern: $0[0]) } }

    /// Whether the other side is a process of the same user.
    private static func isOwn(_ descriptor: Int32) -> Bool { peer(of: descriptor)?[1] == geteuid() }

    /// struct ucred: process, user and group, each of 32 bits.
    private static func peer(of descriptor: Int32) -> [UInt32]? {
        var credentials: [UInt32] = [0, 0, 0]
        var size = socklen_t(12)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials : nil
    }

    /// An address has at most 107 bytes: a longer path is named through its open folder.
    private static func withAddress(
        of path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        guard path.utf8.count > 107, let slash = path.lastIndex(of: "/") else { return unsafe call(path, use) }
        let folder = unsafe open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return -1 }
        defer { close(folder) }
        return unsafe call("/proc/self/fd/\(folder)" + path[slash...], use)
    }

    private static func call(_ path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= 107 else {
            errno = ENAMETOOLONG
            return -1
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe use(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func failure(_ what: String) -> StoreError {
        StoreError(.unwritable, what + ": " + errorText(errno))
    }
}

/// A listening socket in the abstract namespace of Unix sockets. libwebsockets cannot adopt a connection, but it can
/// connect to this; that connection is then replaced. Nothing is ever accepted.
struct Doorstep: ~Copyable {
    private let descriptor: Int32
    /// The address in the form that libwebsockets takes.
    let address: String

    /// - Throws: `.exhausted` where the system refuses it.
    init() throws(TransportError) {
        let descriptor = socket(AF_UNIX, UnixSocket.kind, 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        // An address that ends after its family has the system choose a free name (unix(7), "Autobind feature").
        let isOpen = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sa_family_t>.size)) == 0
                    && Glibc.listen(descriptor, 1) == 0 && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard isOpen else {
            let text = errorText(errno)
            if descriptor >= 0 { close(descriptor) }
            throw TransportError(.exhausted, .connecting, "no socket for the way through the proxy: \(text)")
        }
        self.descriptor = descriptor
        // Behind the family and the zero byte that marks the namespace.
        let count = max(0, Int(size) - MemoryLayout<sa_family_t>.size - 1)
        let bytes = unsafe withUnsafeBytes(of: &name.sun_path) { unsafe Array($0.dropFirst().prefix(count)) }
        address = "+@" + String(decoding: bytes, as: UTF8.self)
    }

    deinit {
        close(descriptor)
    }
}

/// One of two connected sockets: the relay's. The other goes to the push connection.
final class SocketEnd {
    private let own: Int32

    private init(_ own: Int32) {
        self.own = own
    }

    static func pair() throws(TransportError) -> (near: SocketEnd, far: Int32) {
        var pair: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, UnixSocket.kind, 0, &pair) == 0 else {
            throw TransportError(
                .exhausted, .connecting, "no socket for the way through the proxy: \(errorText(errno))")
        }
        return (SocketEnd(pair[0]), pair[1])
    }

    deinit {
        close(own)
    }

    func read(_ buffer: UnsafeMutableRawBufferPointer) -> RelayStep {
        step(unsafe recv(own, buffer.baseAddress, buffer.count, 0))
    }

    func write(_ bytes: ArraySlice<UInt8>) -> RelayStep {
        step(unsafe bytes.withUnsafeBytes { unsafe send(own, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) })
    }

    private func step(_ count: Int) -> RelayStep {
        if count > 0 { return .moved(count) }
        return count < 0 && [EAGAIN, EINTR].contains(errno) ? .later : .ended
    }

    /// Sleeps until one of the two sockets can go on. False where the system refuses.
    func wait(
        with other: Int32, wantsInput: (own: Bool, other: Bool), wantsOutput: (own: Bool, other: Bool)
    ) -> Bool {
        func events(_ input: Bool, _ output: Bool) -> Int16 {
            Int16((input ? POLLIN : 0) | (output ? POLLOUT : 0))
        }
        var places = [
            pollfd(fd: own, events: events(wantsInput.own, wantsOutput.own), revents: 0),
            pollfd(fd: other, events: events(wantsInput.other, wantsOutput.other), revents: 0),
        ]
        // A socket of which nothing is wanted would end each poll at once after its peer has hung up.
        for index in places.indices where places[index].events == 0 { places[index].fd = -1 }
        return unsafe poll(&places, 2, -1) > 0 || errno == EINTR
    }
}
