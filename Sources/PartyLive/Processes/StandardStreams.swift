internal import Glibc

/// Standard input, output and error of a program.
package enum StandardStreams {
    /// The number of a standard stream that is closed would go to the next file or socket, where our output would then end up.
    /// To be called before anything is opened.
    package static func hold() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // Gets the lowest number that is free, which is this one. Opened the wrong way round, so that its use fails. Without
            // a /dev there is always a socket that leads nowhere.
            let mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY
            guard unsafe open("/dev/null", mode) < 0 else { continue }
            _ = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        }
    }
}
