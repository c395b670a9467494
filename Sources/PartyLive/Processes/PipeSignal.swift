internal import CLinux
internal import Glibc

/// SIGPIPE during calls of the library. Its disposition belongs to the host program and stays as the host set it.
enum PipeSignal {
    /// Blocks SIGPIPE in this thread while `body` runs, and discards one that `body` raised: the system sends it to the thread
    /// that wrote.
    static func blocked<Value>(_ body: () -> Value) -> Value {
        var pipe = sigset_t()
        var before = sigset_t()
        var pending = sigset_t()
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        unsafe sigpending(&pending)
        let wasPending = unsafe sigismember(&pending, SIGPIPE) == 1
        unsafe pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer {
            if !wasPending {
                var now = timespec()
                while unsafe sigtimedwait(&pipe, nil, &now) < 0, errno == EINTR {}
            }
            unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        return body()
    }

    /// Runs `body`, which ignores SIGPIPE for the whole process, and restores the disposition.
    static func restored<Value>(after body: () -> Value) -> Value {
        var before = sigaction()
        let isKnown = unsafe sigaction(SIGPIPE, nil, &before) == 0
        defer { if isKnown { unsafe sigaction(SIGPIPE, &before, nil) } }
        return body()
    }
}
