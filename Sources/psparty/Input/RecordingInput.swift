import PartyCore
import PartyLive

/// A recording that is read line by line, in bounded memory, from a file that may still grow, or from a pipe.
actor RecordingInput {
    private let source: InputSource
    private let next: @Sendable () async throws(PartyError) -> [UInt8]?
    private let decoder = RecordingDecoder()
    private var lineCount = 0
    /// What is wrong behind the lines that were handed out.
    private var damage: PartyError?
    /// Whether the recording ended within a record.
    private(set) var isTorn = false

    /// - Throws: `.notFound` where there is no such file.
    init(_ source: InputSource, _ console: Console) throws(PartyError) {
        self.source = source
        next = try source.pieces(console)
    }

    /// What came next, as many lines as there were; `nil` at the end.
    /// - Throws: `.badData` where it is no recording, or damaged, with the line, behind all lines before that.
    func lines() async throws(PartyError) -> [RecordingLine]? {
        if let damage { throw damage }
        guard let piece = try await next() else {
            isTorn = decoder.isTorn
            guard lineCount > 0 || decoder.isGzip || decoder.endsLikeARecord else {
                throw failure("line 1: not a record of the stream")
            }
            return nil
        }
        let (found, problem) = decoder.take(piece)
        var lines: [RecordingLine] = []
        do throws(CodecError) {
            for line in found {
                lineCount += 1
                lines.append(try RecordingLine(line))
            }
            if let problem {
                lineCount += 1
                throw problem
            }
        } catch {
            let failure = failure("line \(lineCount): \(error)")
            guard !lines.isEmpty else { throw failure }
            damage = failure
        }
        return lines
    }

    /// What comes first, if anything does: it tells whose recording it is.
    func firstLines() async throws(PartyError) -> [RecordingLine] {
        while let lines = try await lines() { if !lines.isEmpty { return lines } }
        return []
    }

    private func failure(_ words: String) -> PartyError {
        let place = "\(source.name) is no recording, or a damaged one"
        return PartyError(.badData, "\(place): \(words)", step: "recording")
    }

    /// What to say of a torn end; `nil` where it is whole.
    var notice: String? {
        isTorn
            ? "\(source.name) ends within a record, behind \(lineCount) whole lines: its recorder was killed, or runs"
            : nil
    }
}

extension [RecordingLine] {
    /// Whose recording begins here.
    var account: AccountID? {
        lazy.compactMap { line in if case .head(let head) = line { head.account } else { nil } }.first
    }
}
