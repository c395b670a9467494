import PartyCore

/// The seam to the terminal: where the result goes, where words for people go, what is typed.
struct Console: Sendable {
    /// What became of bytes for standard output.
    enum WriteError: Error, Equatable {
        /// Whoever read has left: no error to speak of.
        case readerLeft
        case failed(String)
    }

    /// Writes all the bytes to standard output, or throws; may block.
    var output: @Sendable ([UInt8]) throws(WriteError) -> Void
    /// Writes to standard output what can be written without waiting, and returns how much that was; `nil` where it is no pipe.
    var outputNow: (@Sendable ([UInt8]) -> Int)?
    /// Writes to standard error; a failure there has nowhere to be told.
    var complain: @Sendable (String) -> Void
    /// The next line of standard input without its end; `nil` at the end. A secret is not echoed on a terminal.
    var input: @Sendable (_ isSecret: Bool) async throws(PartyError) -> Redacted<String>?
    /// Whatever of standard input came next, in pieces of any size; `nil` at the end.
    var piece: @Sendable () async throws(PartyError) -> [UInt8]? = { nil }
    /// Whether standard output is a terminal.
    var isTerminal: Bool
    var isInputTerminal: Bool
    /// Whether standard error is a terminal, which can show a sign of progress.
    var isErrorTerminal = false
    /// How wide the terminal of standard output is now; `nil` where it does not say.
    var columns: @Sendable () -> Int? = { nil }

    /// In bytes: what a stream writes at once.
    var pieceSize = 64 << 10

    func write(_ text: String) throws(WriteError) {
        try output(Array(text.utf8))
    }

    /// Writes the result of a command. A reader that has left is no failure.
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

    /// JSON for standard output: as it is, or, for a terminal, with what acts on one as escapes.
    func shown(_ json: [UInt8]) -> [UInt8] { isTerminal ? json.displayedJSON : json }

    /// All of standard input, 1 MB at most.
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

    /// The first line of standard input that says something.
    /// - Throws: `.badData` where there is none.
    func readLine(isSecret: Bool) async throws(PartyError) -> Redacted<String> {
        while let line = try await input(isSecret) {
            if line.reveal().contains(where: { !$0.isWhitespace }) { return line }
            // A person who only presses return means to give nothing; a file may begin with empty lines.
            if isInputTerminal { break }
        }
        throw PartyError(.badData, "nothing came on standard input", step: "input")
    }
}

extension PartyError {
    /// `nil` for a reader that has left.
    init?(_ error: Console.WriteError) {
        switch error {
        case .readerLeft: return nil
        case .failed(let words):
            self.init(.storage, "cannot write to standard output: \(words)", step: "output")
        }
    }
}
