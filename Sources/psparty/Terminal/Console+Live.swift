internal import Dispatch
internal import Glibc
import PartyCore
import PartyLive

extension Console {
    /// The standard streams of the process.
    static var live: Console {
        let reader = DescriptorReader(STDIN_FILENO, name: "standard input")
        var console = Console(
            output: { (bytes) throws(WriteError) in try writeAll(bytes, to: STDOUT_FILENO) },
            outputNow: PipeWriter.writer(to: STDOUT_FILENO),
            errorOutput: { text in try? writeAll(Array(text.utf8), to: STDERR_FILENO) },
            input: { (isSecret) async throws(PartyError) in
                try await InputReader(isEchoOff: isSecret && isatty(STDIN_FILENO) == 1).line()
            },
            piece: { () async throws(PartyError) in try await reader.piece() },
            isTerminal: isatty(STDOUT_FILENO) == 1, isInputTerminal: isatty(STDIN_FILENO) == 1,
            isErrorTerminal: isatty(STDERR_FILENO) == 1, columns: terminalColumns)
        // Writes up to PIPE_BUF are atomic: if the process ends while the reader is stuck, no partial line is left, except for
        // a line longer than that.
        if isPipe(STDOUT_FILENO) { console.pieceSize = Int(PIPE_BUF) }
        return console
    }
}

private func isPipe(_ descriptor: Int32) -> Bool {
    var info = stat()
    return unsafe fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO
}

private func terminalColumns() -> Int? {
    // struct winsize: rows and columns, then both in pixels.
    var size: [UInt16] = [0, 0, 0, 0]
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size[1] > 0 else { return nil }
    return Int(size[1])
}

private func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(Console.WriteError) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        if written > 0 {
            rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
            // Another process set the shared pipe to non-blocking: wait until it accepts data.
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = unsafe poll(&wait, 1, 1000)
        } else if errno == EPIPE {
            throw .readerLeft
        } else if errno != EINTR {
            throw .failed(errorText(errno))
        }
    }
}

/// Reads one line of standard input on a separate thread, so that the read can be cancelled.
private struct InputReader {
    let isEchoOff: Bool
    private static let limit = 1 << 20

    func line() async throws(PartyError) -> Redacted<String>? {
        let stop = OneShotEvent()
        let result: Result<Redacted<String>?, PartyError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "psparty.input").async {
                    continuation.resume(returning: read(until: stop))
                }
            }
        } onCancel: {
            stop.set()
        }
        return try result.get()
    }

    private func read(until stop: OneShotEvent) -> Result<Redacted<String>?, PartyError> {
        let settings = isEchoOff ? TerminalSettings.withoutEcho() : nil
        defer { settings?.restore() }
        var line: [UInt8] = []
        while !stop.isSet {
            var wait = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wait, 1, 100) != 0 else { continue }
            var byte: UInt8 = 0
            // One byte at a time: the data after the line is left for the next reader.
            let count = unsafe Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count < 0 {
                let problem = "cannot read standard input: \(errorText(errno))"
                return .failure(PartyError(.storage, problem, step: "input"))
            }
            if count == 0 || byte == 0x0A {
                return .success(count == 0 && line.isEmpty ? nil : Redacted(String(decoding: line, as: UTF8.self)))
            }
            line.append(byte)
            guard line.count <= Self.limit else {
                return .failure(PartyError(.badData, "a line of standard input is over 1 MB", step: "input"))
            }
        }
        return .failure(PartyError(.cancelled, "cancelled", step: "input"))
    }
}

/// The original settings of a terminal, for restoring them.
private struct TerminalSettings {
    private var saved: termios

    static func withoutEcho() -> TerminalSettings? {
        var settings = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        let saved = TerminalSettings(saved: settings)
        settings.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) == 0 else { return nil }
        return saved
    }

    func restore() {
        var settings = saved
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }
}
