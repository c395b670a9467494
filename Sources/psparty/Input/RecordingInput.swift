import PartyCore
import PartyLive

/// Reads a recording line by line in bounded memory, from a pipe or from a file that may still grow.
actor RecordingInput {
    private let source: InputSource
    private let next: @Sendable () async throws(PartyError) -> [UInt8]?
    private let decoder = RecordingDecoder()
    private var lineCount = 0
    /// The error to throw after the lines that were already returned.
    private var damage: PartyError?
    /// Whether the recording ends in the middle of a record.
    private var isTorn = false
    private var hasEnded = false
    private var hasRecord = false

    /// - Throws: `.notFound` if the file does not exist.
    init(_ source: InputSource, _ console: Console) throws(PartyError) {
        self.source = source
        next = try source.pieces(console)
    }

    /// The next lines, as many as are available; `nil` at the end.
    /// - Throws: `.badData` with the line number if the file is not a recording or is damaged, after all earlier lines.
    func lines() async throws(PartyError) -> [RecordingLine]? {
        if let damage { throw damage }
        guard let piece = try await next() else {
            (isTorn, hasEnded) = (decoder.isTorn, true)
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
                let line = try RecordingLine(line)
                if case .record = line { hasRecord = true }
                lines.append(line)
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

    /// The first lines, if any. They name the account of the recording.
    func firstLines() async throws(PartyError) -> [RecordingLine] {
        while let lines = try await lines() { if !lines.isEmpty { return lines } }
        return []
    }

    private func failure(_ words: String) -> PartyError {
        let place = "\(source.name) is not a recording, or is damaged"
        return PartyError(.badData, "\(place): \(words)", step: "recording")
    }

    /// Notices about a recording that was read to its end: an incomplete last record, or no record at all.
    var notices: [String] {
        var notices: [String] = []
        if hasEnded, !hasRecord { notices.append("\(source.name) is an empty recording") }
        if isTorn {
            notices.append(
                "\(source.name) ends in the middle of a record, after \(lineCount) complete lines: the recording process was killed or still runs"
            )
        }
        return notices
    }
}

extension [RecordingLine] {
    /// The account of the recording that begins in these lines.
    var account: AccountID? {
        lazy.compactMap { line in if case .head(let head) = line { head.account } else { nil } }.first
    }
}
