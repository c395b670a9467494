internal import CLinux
// Declares pollfd as well: which of the modules the compiler takes depends on the files that it compiles together.
internal import CWebSockets
internal import Glibc

/// The program that reads the output of this process through a pipe or a stream socket.
package enum OutputReader {
    /// Waits until the reader has closed its end, or until one of the signals is pending. The calling thread must block these
    /// signals; none is taken.
    /// - Returns: whether the reader has closed its end. `false` at once if the descriptor is neither a pipe nor a socket, or
    ///   if the system has no descriptor for the signals.
    package static func waitUntilClosed(_ output: Int32, orPending signals: [Int32]) -> Bool {
        guard isPipeOrSocket(output) else { return false }
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in signals { unsafe sigaddset(&set, number) }
        let pending = unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC))
        guard pending >= 0 else { return false }
        defer { close(pending) }
        // poll reports POLLERR (pipe) and POLLHUP (socket) without being asked for them.
        var polled = [
            pollfd(fd: pending, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: 0, revents: 0),
        ]
        while true {
            switch PollOutcome(unsafe poll(&polled, 2, -1)) {
            case .nothing: continue
            case .refused: return false
            // After Ctrl-C the reader exits too: the signal counts.
            case .ready: return polled[0].revents == 0 && Int32(polled[1].revents) & (POLLERR | POLLHUP) != 0
            }
        }
    }

    private static func isPipeOrSocket(_ descriptor: Int32) -> Bool {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { return false }
        return [S_IFIFO, S_IFSOCK].contains(info.st_mode & S_IFMT)
    }
}
