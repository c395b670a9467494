import PartyCore

/// Access to the standard streams: results, messages and input. Tests supply their own.
struct Console: Sendable {
    /// Why a write to standard output failed.
    enum WriteError: Error, Equatable {
        /// The reader closed the pipe, which is not treated as an error.
        case readerLeft
        case failed(String)
    }

    /// Writes all bytes to standard output, or throws; may block.
    var output: @Sendable ([UInt8]) throws(WriteError) -> Void
    /// Writes as much to standard output as is possible without blocking, and returns the number of bytes; `nil` if it is
    /// not a pipe.
    var outputNow: (@Sendable ([UInt8]) -> Int)?
    /// Writes to standard error. Failures are ignored, because they cannot be reported.
    var errorOutput: @Sendable (String) -> Void
    /// The next line of standard input without its line end; `nil` at the end. A terminal does not echo secrets.
    var input: @Sendable (_ isSecret: Bool) async throws(PartyError) -> Redacted<String>?
    /// The next bytes of standard input, of any number; `nil` at the end.
    var piece: @Sendable () async throws(PartyError) -> [UInt8]? = { nil }
    /// Whether standard output is a terminal.
    var isTerminal: Bool
    var isInputTerminal: Bool
    /// Whether standard error is a terminal.
    var isErrorTerminal = false
    /// The current width of the terminal; `nil` if it is unknown.
    var columns: @Sendable () -> Int? = { nil }

    /// The reader of standard output has closed its end. Only pipes and sockets tell.
    var readerExit = OneShotEvent()

    /// The bytes that a stream writes at once.
    var pieceSize = 64 << 10

    func write(_ text: String) throws(WriteError) {
        try output(Array(text.utf8))
    }

    /// Writes the result of a command. A closed pipe is not a failure.
    func show(_ text: String) throws(PartyError) {
        try show(Array(text.utf8))
    }

    func show(_ bytes: [UInt8]) throws(PartyError) {
        do throws(WriteError) {
            try output(bytes)
        } catch {
            if let failure = PartyError(error) { throw failure }
        }
    }

    /// JSON for standard output. For a terminal, characters that could act on it are escaped.
    func shown(_ json: [UInt8]) -> [UInt8] { isTerminal ? json.displayedJSON : json }

    /// All of standard input, at most 1 MB.
    func readAll() async throws(PartyError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let line = try await input(false) {
            if !bytes.isEmpty { bytes.append(0x0A) }
            bytes += line.reveal().utf8
            guard bytes.count <= 1 << 20 else {
                throw PartyError(.badData, "standard input is over 1 MB", step: "input")
            }
        }
        return bytes
    }

    /// The first line of standard input that is not blank.
    /// - Throws: `.badData` if there is none.
    func readLine(isSecret: Bool) async throws(PartyError) -> Redacted<String> {
        while let line = try await input(isSecret) {
            if line.reveal().contains(where: { !$0.isWhitespace }) { return line }
            // On a terminal an empty line means no input; a file may begin with empty lines.
            if isInputTerminal { break }
        }
        throw PartyError(.badData, "standard input is empty", step: "input")
    }
}

extension PartyError {
    /// `nil` for a closed pipe.
    init?(_ error: Console.WriteError) {
        switch error {
        case .readerLeft: return nil
        case .failed(let words):
            self.init(.storage, "cannot write to standard output: \(words)", step: "output")
        }
    }
}
