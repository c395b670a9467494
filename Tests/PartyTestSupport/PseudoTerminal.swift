internal import Foundation
internal import Glibc
internal import Synchronization

/// A pseudo-terminal with a screen that a test can read and a keyboard that it can type on.
package final class PseudoTerminal: Sendable {
    /// The path of the terminal for the program.
    package let path: String
    private let master: Int32
    /// Kept open, so that the terminal survives the program.
    private let slave: Int32
    private let screen: Mutex<VirtualScreen>

    package init(rows: Int, columns: Int) throws {
        screen = Mutex(VirtualScreen(rows: rows, columns: columns))
        master = unsafe Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // As unlockpt and ptsname do, which Swift does not see (ioctl_tty(2): TIOCSPTLCK, TIOCGPTN).
        var lock: Int32 = 0
        var number: UInt32 = 0
        guard master >= 0, unsafe ioctl(master, 0x4004_5431, &lock) == 0,
            unsafe ioctl(master, 0x8004_5430, &number) == 0
        else { throw DeadlinePassed(description: "no pseudo terminal") }
        path = "/dev/pts/\(number)"
        slave = unsafe Glibc.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        resize(rows: rows, columns: columns)
        Foundation.Thread.detachNewThread { [self] in read() }
    }

    /// The text of each row.
    package var lines: [String] { screen.withLock(\.lines) }

    package var view: VirtualScreen { screen.withLock { $0 } }

    /// Whether typed characters are echoed.
    package var echoes: Bool {
        var settings = termios()
        return unsafe tcgetattr(slave, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }

    /// Whether a program gets what is typed only line by line.
    package var collectsLines: Bool {
        var settings = termios()
        return unsafe tcgetattr(slave, &settings) == 0 && settings.c_lflag & tcflag_t(ICANON) != 0
    }

    /// Changes the size; the system sends SIGWINCH to the program in the foreground.
    package func resize(rows: Int, columns: Int) {
        screen.withLock { $0.resize(rows: rows, columns: columns) }
        // struct winsize: rows and columns, and the same in pixels.
        var size = [UInt16(rows), UInt16(columns), 0, 0]
        _ = unsafe ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// Ctrl-C is `\u{3}`.
    package func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe write(master, bytes, bytes.count)
    }

    /// Closes it, as if its window were closed.
    package func close() {
        _ = Glibc.close(slave)
        _ = Glibc.close(master)
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe Glibc.read(master, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            screen.withLock { $0.write(Array(buffer[..<count])) }
        }
    }
}
