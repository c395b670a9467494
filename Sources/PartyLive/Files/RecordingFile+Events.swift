internal import Glibc
public import PartyCore

extension RecordingFile {
    /// Opens the file to append to it. Records that come faster than the disk takes them wait in memory, then in a temporary file.
    /// - Parameter path: the file; gzip if the name ends in `.gz`, else NDJSON (docs/recordings.md).
    /// - Parameter account: the account whose stream is recorded.
    /// - Parameter startedAt: the time of the start, for the first line.
    /// - Parameter onFailure: called once if the file can no longer be written, from a thread of the library.
    /// - Throws: `PartyError` of kind `.badData` if the file is something else, or of another account; `.storage` if it cannot be
    ///   written.
    public convenience init(
        _ path: String, account: AccountID, startedAt: Timestamp, onFailure: @escaping @Sendable () -> Void = {}
    ) throws(PartyError) {
        try self.init(
            path, account: account, startedAt: startedAt,
            spillPolicy: LineSpool.SpillPolicy(file: { SpillFile(in: ["/tmp"], random: .live) }), onFailure: onFailure)
    }

    /// Waits until everything received so far is in the file, or the file can no longer be written. It returns early if the task is
    /// cancelled.
    public func waitUntilWritten() async {
        await spool.drained()
    }

    /// Reads a recording, plain or gzip, as the events that the stream made of it. Blocks the calling thread.
    /// - Parameter path: the file.
    /// - Parameter receive: called with the events of one part of the file at a time, in order.
    /// - Throws: `PartyError` of kind `.notFound` if there is no such file, `.storage` if it cannot be read, and `.badData` if it is
    ///   no recording or damaged, after the events before the damage. An end within a record is no error: the recorder
    ///   may still run.
    public static func read(_ path: String, _ receive: ([StreamEvent]) -> Void) throws(PartyError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw PartyError(
                errno == ENOENT ? .notFound : .storage, "\(path) cannot be read: \(errorText(errno))", step: "recording"
            )
        }
        defer { close(descriptor) }
        let decoder = RecordingDecoder()
        var playback = RecordingPlayback()
        var lineNumber = 0
        while let piece = try piece(of: descriptor, path) {
            let (lines, problem) = decoder.take(piece)
            var events: [StreamEvent] = []
            defer { if !events.isEmpty { receive(events) } }
            do throws(CodecError) {
                for line in lines {
                    lineNumber += 1
                    events += playback.take(try RecordingLine(line))?.events ?? []
                }
                if let problem { throw problem }
            } catch {
                throw PartyError(
                    .badData, "\(path) is not a recording, or is damaged: line \(lineNumber): \(error)",
                    step: "recording")
            }
        }
        guard lineNumber > 0 || decoder.isGzip || decoder.endsLikeARecord else {
            throw PartyError(
                .badData, "\(path) is not a recording: line 1: not a record of the stream", step: "recording")
        }
    }

    /// - Returns: `nil` at the end of the file.
    private static func piece(of descriptor: Int32, _ path: String) throws(PartyError) -> [UInt8]? {
        var count = -1
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, filled in
            repeat {
                count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        guard count >= 0 else {
            throw PartyError(.storage, "\(path) cannot be read: \(errorText(errno))", step: "recording")
        }
        return count == 0 ? nil : bytes
    }
}

extension PartyFeed.Options {
    /// Writes everything that the stream brings to the recording, before its events are received.
    public mutating func record(to file: RecordingFile) {
        record = { file.take($0) }
    }
}
