internal import Dispatch
internal import Glibc
import PartyCore
import PartyLive

extension Console {
    /// The process's own three streams.
    static var live: Console {
        let reader = DescriptorReader(STDIN_FILENO, name: "standard input")
        var console = Console(
            output: { (bytes) throws(WriteError) in try writeAll(bytes, to: STDOUT_FILENO) },
            outputNow: PipeWriter.writer(to: STDOUT_FILENO),
            complain: { text in try? writeAll(Array(text.utf8), to: STDERR_FILENO) },
            input: { (isSecret) async throws(PartyError) in
                try await InputReader(isEchoOff: isSecret && isatty(STDIN_FILENO) == 1).line()
            },
            piece: { () async throws(PartyError) in try await reader.piece() },
            isTerminal: isatty(STDOUT_FILENO) == 1, isInputTerminal: isatty(STDIN_FILENO) == 1,
            isErrorTerminal: isatty(STDERR_FILENO) == 1, columns: terminalColumns)
        // A pipe takes so much whole or not at all: a stream that is ended while its reader is stuck leaves no half line
        // behind, but for a line that is longer.
        if isPipe(STDOUT_FILENO) { console.pieceSize = Int(PIPE_BUF) }
        return console
    }
}

private func isPipe(_ descriptor: Int32) -> Bool {
    var info = stat()
    return unsafe fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFIFO
}

private func terminalColumns() -> Int? {
    // struct winsize: rows and columns, and the same in pixels.
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
            // Somebody set our end of a shared pipe to non-blocking: wait for room.
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = unsafe poll(&wait, 1, 1000)
        } else if errno == EPIPE {
            throw .readerLeft
        } else if errno != EINTR {
            throw .failed(errorText(errno))
        }
    }
}

/// Reads one line of standard input on a thread of its own, so that it can be given up.
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
            // A byte at a time: what follows the line belongs to whoever reads next.
            let count = unsafe Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count < 0 {
                let problem = "standard input cannot be read: \(errorText(errno))"
                return .failure(PartyError(.storage, problem, step: "input"))
            }
            if count == 0 || byte == 0x0A {
                return .success(count == 0 && line.isEmpty ? nil : Redacted(String(decoding: line, as: UTF8.self)))
            }
            line.append(byte)
            guard line.count <= Self.limit else {
                return .failure(PartyError(.badData, "the line on standard input is over 1 MB", step: "input"))
            }
        }
        return .failure(PartyError(.cancelled, "cancelled", step: "input"))
    }
}

/// A terminal's settings as they were, to be put back.
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
