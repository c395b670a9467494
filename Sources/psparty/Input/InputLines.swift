import PartyCore

/// Standard input as lines, in batches: all complete lines are returned before more input is read.
struct InputLines {
    /// One line without its line end.
    struct Line {
        /// Counts from 1.
        let number: Int
        /// `nil` if the line was too long.
        let bytes: [UInt8]?
    }

    /// Longer than any payload, frame or event. A longer line is counted and dropped.
    static let longest = 4 << 20

    private let console: Console
    private var rest: [UInt8] = []
    private var isSkipping = false
    private var isOver = false
    private var count = 0

    init(_ console: Console) {
        self.console = console
    }

    /// The next complete lines, at least one; `nil` at the end.
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

/// Converts each line of standard input to a line of output. An invalid line is reported and does not stop the rest.
struct LineFilter {
    let context: CommandContext
    /// The expected content of a line, for error messages: `signal`.
    let what: String
    /// Appends the output of a line, with its line end.
    let convert: (_ line: [UInt8], _ json: inout JSONWriter) throws(CodecError) -> Void

    /// - Throws: `.badData` for the last invalid line, after the earlier ones were reported, or if the input is empty.
    func run() async throws(PartyError) {
        var input = InputLines(context.console)
        var output = JSONWriter()
        var count = 0
        var failures: [PartyError] = []
        while let lines = try await input.next() {
            for line in lines {
                count += 1
                guard let failure = converted(line, &output) else { continue }
                report(failures)
                failures = [failure]
            }
            guard !output.bytes.isEmpty else { continue }
            try context.console.show(context.console.shown(output.bytes))
            output.removeAll()
        }
        guard count > 0 else { throw PartyError(.badData, "standard input is empty", step: "input") }
        if let last = failures.first { throw last }
    }

    private func converted(_ line: InputLines.Line, _ output: inout JSONWriter) -> PartyError? {
        guard let bytes = line.bytes else {
            return PartyError(
                .badData, "line \(line.number) is not a valid \(what): it is over \(InputLines.longest >> 20) MB",
                step: "input")
        }
        do throws(CodecError) {
            try convert(bytes, &output)
            return nil
        } catch {
            return PartyError(.badData, "line \(line.number) is not a valid \(what): \(error)", step: "input")
        }
    }

    /// Prints all failures but the last, which the command throws.
    private func report(_ failures: [PartyError]) {
        for failure in failures {
            _ = Failure(failure).show(isJSON: context.options.json, in: context.console)
        }
    }
}
