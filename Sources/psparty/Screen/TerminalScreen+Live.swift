internal import Dispatch
internal import Glibc
import PartyLive
internal import Synchronization

extension TerminalScreen {
    /// The terminal of the process; `nil` if standard output is not a terminal.
    static func live() -> TerminalScreen? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        let (changes, requestRedraw) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let holder = TerminalHolder(requestRedraw)
        let keyboard = isatty(STDIN_FILENO) == 1 ? Keyboard(isReadable: { holder.isTyping }) : nil
        return TerminalScreen(
            size: terminalSize, changes: changes, keys: keyboard?.keys,
            open: {
                holder.open()
                keyboard?.start()
            }, close: { holder.close() })
    }
}

private func terminalSize() -> TerminalSize {
    // struct winsize: rows and columns, then both in pixels.
    var size: [UInt16] = [0, 0, 0, 0]
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size[0] > 0, size[1] > 0 else {
        return .usual
    }
    return TerminalSize(rows: Int(size[0]), columns: Int(size[1]))
}

/// Takes over the terminal and restores it: at the end for any reason, and while Ctrl-Z stops the process.
private final class TerminalHolder: Sendable {
    private struct State {
        var isOpen = false
        /// Restored because of Ctrl-Z.
        var isStopped = false
        var isListening = false
        /// The original settings of standard input, if it is a terminal.
        var settings: termios?
    }

    private let state = Mutex(State())
    private let requestRedraw: AsyncStream<Void>.Continuation
    private let queue = DispatchQueue(label: "psparty.screen")

    init(_ requestRedraw: AsyncStream<Void>.Continuation) {
        self.requestRedraw = requestRedraw
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
            state.settings = Self.readingKeys()
            Self.write(ScreenPainter.opening)
        }
    }

    /// Whether what is typed is for this process: it has the terminal, and is in the foreground.
    var isTyping: Bool {
        state.withLock { $0.isOpen && $0.settings != nil } && tcgetpgrp(STDIN_FILENO) == getpgrp()
    }

    func close() {
        state.withLock { Self.release(&$0) }
    }

    private static func release(_ state: inout State) {
        guard state.isOpen else { return }
        state.isOpen = false
        write(ScreenPainter.closing)
        guard var settings = state.settings else { return }
        // TCSANOW does not wait for output, which never drains after Ctrl-S.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        // Discard what was typed meanwhile, so that the shell does not run it.
        tcflush(STDIN_FILENO, TCIFLUSH)
    }

    /// Only in the foreground: the system stops a background process that changes the terminal.
    private static func readingKeys() -> termios? {
        var settings = termios()
        guard tcgetpgrp(STDIN_FILENO) == getpgrp(), unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        let saved = settings
        // Ctrl-C and Ctrl-Z still send signals.
        settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN)
        guard unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
        return saved
    }

    /// Gives up if the terminal does not accept output, so that the process can end.
    private static func write(_ text: String) {
        var ready = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&ready, 1, 50) == 1, ready.revents & Int16(POLLOUT) != 0 else { return }
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }

    private func listen() {
        // Ignore SIGTTOU, so that the terminal can be restored from the background.
        signal(SIGTTOU, SIG_IGN)
        let quit = SignalMask.isIgnored(SIGQUIT) ? [] : [SIGQUIT]
        for number in [SIGWINCH, SIGTSTP, SIGCONT] + quit {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [self] in
                switch number {
                case SIGTSTP: stop()
                case SIGCONT: resume()
                case SIGQUIT: abort()
                default: requestRedraw.yield()
                }
            }
            source.resume()
            // The source is needed for the lifetime of the process, so it is never released.
            _ = unsafe Unmanaged.passRetained(source as AnyObject)
        }
    }

    /// Does what Ctrl-\\ does to other programs, on a restored terminal.
    private func abort() {
        close()
        signal(SIGQUIT, SIG_DFL)
        // A parent may have blocked it in all threads.
        var quit = sigset_t()
        unsafe sigemptyset(&quit)
        unsafe sigaddset(&quit, SIGQUIT)
        unsafe pthread_sigmask(SIG_UNBLOCK, &quit, nil)
        raise(SIGQUIT)
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
        requestRedraw.yield()
    }
}
