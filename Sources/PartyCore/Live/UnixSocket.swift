import Glibc

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

    /// - Returns: `nil` where nobody listens there.
    static func connect(to path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return nil }
        guard unsafe withAddress(of: path, { unsafe Glibc.connect(descriptor, $0, $1) }) == 0, isOwn(descriptor) else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// What an attempt to let a process in came to.
    enum Admission {
        case caller(Int32)
        /// Nobody waits, or another user does.
        case nobody
        /// There is no descriptor for one that waits.
        case noRoom
    }

    static func accept(_ listener: Int32) -> Admission {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else {
            return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) ? .noRoom : .nobody
        }
        setNonblocking(descriptor)
        guard isOwn(descriptor) else {
            close(descriptor)
            return .nobody
        }
        // It learns at once that there is no room, and tries again later.
        guard !Descriptors.isOfReserve(descriptor) else {
            close(descriptor)
            return .noRoom
        }
        return .caller(descriptor)
    }

    /// Neither waits for anything nor is seen by programs that we start.
    static func setNonblocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

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

    /// Addresses hold 107 bytes, paths more: a long one is named by its open folder.
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
