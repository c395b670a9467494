package import Glibc

/// Attributes for starting a program: they reset the signal settings of this process to the defaults.
@safe package struct ChildAttributes: ~Copyable {
    package var attributes = posix_spawnattr_t()

    /// POSIX_SPAWN_SETSID, which the C library declares only with _GNU_SOURCE.
    private static let newSession: Int16 = 0x80

    /// - Parameter isSessionLeader: whether the program gets its own session, without our terminal.
    package init(isSessionLeader: Bool = false) {
        unsafe posix_spawnattr_init(&attributes)
        var (none, all) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let signals = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        unsafe posix_spawnattr_setflags(&attributes, signals | (isSessionLeader ? Self.newSession : 0))
    }

    deinit {
        var attributes = attributes
        unsafe posix_spawnattr_destroy(&attributes)
    }
}
