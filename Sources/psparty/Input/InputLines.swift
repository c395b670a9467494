import PartyCore

/// Standard input as lines, in batches as they come: what has come is worked through before more is waited for.
struct InputLines {
    /// One line without its end.
    struct Line {
        /// Counts from 1.
        let number: Int
        /// `nil` for a line that was too long to be kept.
        let bytes: [UInt8]?
    }

    /// Far over any payload, frame or event. What is longer is counted and dropped as it comes.
    static let longest = 4 << 20

    private let console: Console
    private var rest: [UInt8] = []
    private var isSkipping = false
    private var isOver = false
    private var count = 0

    init(_ console: Console) {
        self.console = console
    }

    /// The lines that are complete now, at least one; `nil` at the end.
    mutating func next() async throws(PartyError) -> [Line]? {
        while !isOver {
            var lines: [Line] = []
            if let piece = try await console.piece() {
                take(piece, &lines)
            } else {
                isOver = true
                if !rest.isEmpty || isSkipping { close(&lines) }
            }
            if !lines.isEmpty { return lines }
        }
        return nil
    }

    private mutating func take(_ piece: [UInt8], _ lines: inout [Line]) {
        var start = piece.startIndex
        while let end = piece[start...].firstIndex(of: 0x0A) {
            keep(piece[start..<end])
            close(&lines)
            start = end + 1
        }
        keep(piece[start...])
    }

    private mutating func keep(_ part: ArraySlice<UInt8>) {
        guard !isSkipping, rest.count + part.count <= Self.longest else {
            isSkipping = true
            rest = []
            return
        }
        rest.append(contentsOf: part)
    }

    private mutating func close(_ lines: inout [Line]) {
        count += 1
        if rest.last == 0x0D { rest.removeLast() }
        lines.append(Line(number: count, bytes: isSkipping ? nil : rest))
        rest.removeAll(keepingCapacity: rest.capacity <= 1 << 20)
        isSkipping = false
    }
}

/// Turns each line of standard input into a line of output. One that cannot be turned is told, and the others go on.
struct LineFilter {
    let context: CommandContext
    /// What a line has to be, in the words of errors: `signal`.
    let what: String
    /// Appends the output for a line, with its end.
    let turn: (_ line: [UInt8], _ json: inout JSONWriter) throws(CodecError) -> Void

    /// - Throws: `.badData` for the last line that could not be turned, after the others were told, or where nothing came.
    func run() async throws(PartyError) {
        var input = InputLines(context.console)
        var output = JSONWriter()
        var count = 0
        var failures: [PartyError] = []
        while let lines = try await input.next() {
            for line in lines {
                count += 1
                guard let failure = turned(line, &output) else { continue }
                tell(failures)
                failures = [failure]
            }
            guard !output.bytes.isEmpty else { continue }
            try context.console.show(context.console.shown(output.bytes))
            output.removeAll()
        }
        guard count > 0 else { throw PartyError(.badData, "nothing came on standard input", step: "input") }
        if let last = failures.first { throw last }
    }

    private func turned(_ line: InputLines.Line, _ output: inout JSONWriter) -> PartyError? {
        guard let bytes = line.bytes else {
            return PartyError(
                .badData, "line \(line.number) holds no \(what): it is over \(InputLines.longest >> 20) MB",
                step: "input")
        }
        do throws(CodecError) {
            try turn(bytes, &output)
            return nil
        } catch {
            return PartyError(.badData, "line \(line.number) holds no \(what): \(error)", step: "input")
        }
    }

    /// All but the last failure, which ends the command.
    private func tell(_ failures: [PartyError]) {
        for failure in failures {
            _ = Failure(failure).show(isJSON: context.options.json, in: context.console)
        }
    }
}
