import Glibc

/// The inherited settings of the process: closed streams, ignored signals, resource limits.
enum InheritedSettings {
    /// The descriptors needed to start; each connection needs three more.
    private static let descriptors = 16
    private static let memory: [(resource: __rlimit_resource, need: rlim_t, name: String)] = [
        (RLIMIT_AS, 512 << 20, "address space"), (RLIMIT_DATA, 256 << 20, "data"), (RLIMIT_STACK, 512 << 10, "stack"),
    ]

    /// Call this before anything is opened or started.
    static func reset() {
        // Occupy closed standard streams, so that the next open does not become one.
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
            if unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0 {
                _ = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            }
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // If SIGCHLD is ignored, the exit status of `openssl` is lost.
        signal(SIGCHLD, SIG_DFL)
    }

    /// The Swift runtime traps if it gets no descriptor or no memory.
    static func checkLimits() throws(Failure) {
        let allowed = limit(RLIMIT_NOFILE)
        var (free, descriptor) = (0, Int32(clamping: allowed))
        while descriptor > 0, free < descriptors {
            descriptor -= 1
            if fcntl(descriptor, F_GETFD) < 0 { free += 1 }
        }
        guard free >= descriptors else {
            throw .internalError(
                "too few file descriptors: \(descriptors) are needed, \(free) of \(allowed) are free")
        }
        for (resource, need, name) in memory {
            let allowed = limit(resource)
            guard allowed >= need else {
                throw .internalError(
                    "too little \(name): \(need >> 10) kB are needed, \(allowed >> 10) kB are allowed")
            }
        }
    }

    private static func limit(_ resource: __rlimit_resource) -> rlim_t {
        var limit = rlimit()
        let isKnown = unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0
        return isKnown ? limit.rlim_cur : .max
    }
}
