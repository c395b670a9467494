internal import CWebSockets
internal import Glibc

/// The file descriptors of this process: how many it may open yet.
package enum Descriptors {
    /// The number of descriptors that stay free: the runtime opens some at any moment and traps if it gets none.
    static let reserve: Int32 = 6

    /// Whether none is left, which is why something else has just failed.
    static var areUsedUp: Bool {
        let probe = unsafe open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard probe < 0 else {
            close(probe)
            return false
        }
        return errno == EMFILE || errno == ENFILE
    }

    /// Whether a descriptor that was just opened is one of the last. The number shows it: new descriptors get the lowest one.
    static func isOfReserve(_ descriptor: Int32) -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        return rlim_t(max(0, descriptor)) + rlim_t(reserve) >= limit.rlim_cur
    }
}
