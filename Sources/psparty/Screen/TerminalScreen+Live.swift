internal import Dispatch
internal import Glibc
internal import Synchronization

extension TerminalScreen {
    /// The process's own terminal; `nil` where standard output is none.
    static func live() -> TerminalScreen? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        let (changes, tell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let holder = TerminalHolder(tell)
        return TerminalScreen(
            size: terminalSize, changes: changes, open: { holder.open() }, close: { holder.close() })
    }
}

private func terminalSize() -> TerminalSize {
    // struct winsize: rows and columns, and the same in pixels.
    var size: [UInt16] = [0, 0, 0, 0]
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size[0] > 0, size[1] > 0 else {
        return .usual
    }
    return TerminalSize(rows: Int(size[0]), columns: Int(size[1]))
}

/// Takes the terminal and gives it back: at the end, however it comes, and while the process is stopped by Ctrl-Z.
private final class TerminalHolder: Sendable {
    private struct State {
        var isOpen = false
        /// Given back because of Ctrl-Z.
        var isStopped = false
        var isListening = false
        /// How standard input was, where it is a terminal.
        var settings: termios?
    }

    private let state = Mutex(State())
    private let tell: AsyncStream<Void>.Continuation
    private let queue = DispatchQueue(label: "psparty.screen")

    init(_ tell: AsyncStream<Void>.Continuation) {
        self.tell = tell
    }

    func open() {
        let isFirst = state.withLock { state in
            defer { state.isListening = true }
            return !state.isListening
        }
        if isFirst { listen() }
        state.withLock { state in
            guard !state.isOpen else { return }
            state.isOpen = true
            state.settings = Self.withoutEcho()
            Self.write(ScreenPainter.opening)
        }
    }

    func close() {
        state.withLock { Self.release(&$0) }
    }

    private static func release(_ state: inout State) {
        guard state.isOpen else { return }
        state.isOpen = false
        write(ScreenPainter.closing)
        guard var settings = state.settings else { return }
        // Without waiting for the output to be shown, which never happens behind Ctrl-S.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        // What was typed meanwhile was meant for nobody.
        tcflush(STDIN_FILENO, TCIFLUSH)
    }

    /// Only in the foreground: who changes a terminal from the background is stopped by the system.
    private static func withoutEcho() -> termios? {
        var settings = termios()
        guard tcgetpgrp(STDIN_FILENO) == getpgrp(), unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        let saved = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
        return saved
    }

    /// Given up where the terminal takes nothing, which must not keep us from ending.
    private static func write(_ text: String) {
        var ready = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&ready, 1, 50) == 1, ready.revents & Int16(POLLOUT) != 0 else { return }
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }

    private func listen() {
        // Where we are sent to the background, the terminal is still to be given back.
        signal(SIGTTOU, SIG_IGN)
        for number in [SIGWINCH, SIGTSTP, SIGCONT] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [self] in
                switch number {
                case SIGTSTP: stop()
                case SIGCONT: resume()
                default: tell.yield()
                }
            }
            source.resume()
            // Signals belong to the process, so the source lives as long as it does.
            _ = unsafe Unmanaged.passRetained(source as AnyObject)
        }
    }

    private func stop() {
        state.withLock { state in
            state.isStopped = state.isOpen
            Self.release(&state)
        }
        kill(getpid(), SIGSTOP)
    }

    private func resume() {
        let isOurs = state.withLock { state in
            defer { state.isStopped = false }
            return state.isStopped
        }
        guard isOurs else { return }
        open()
        tell.yield()
    }
}
