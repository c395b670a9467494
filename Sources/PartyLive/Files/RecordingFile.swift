internal import Glibc
package import PartyCore

/// A recording that is being written: NDJSON, or gzip if the name ends in `.gz`, with a member for each flush. Another
/// thread writes the records. At any moment the file can be read up to its last complete
/// record, however the process ends.
public final class RecordingFile: Sendable {
    private let descriptor: Int32
    /// Where the records wait.
    package let spool: LineSpool
    /// A notice for the user about the state of the file.
    public let notice: String?

    /// Long enough that a gzip member holds more than one event of a lively party.
    private static let pause: Duration = .milliseconds(300)

    /// Opens the file to append to it, and writes the head of a run. An incomplete record of a killed recorder is removed first.
    /// - Parameter account: whose stream it is.
    /// - Parameter onFailure: called once, when nothing can be written any more.
    /// - Throws: `.badData` if the file is not a recording, or of another account; `.storage` if it cannot be written.
    package init(
        _ path: String, account: AccountID, startedAt: Timestamp, spillPolicy: LineSpool.SpillPolicy,
        onFailure: @escaping @Sendable () -> Void
    ) throws(PartyError) {
        let file = try RecordingOpening(path: path, account: account)
        let (descriptor, isGzip) = (file.descriptor, file.isGzip)
        self.descriptor = descriptor
        notice = file.notices.isEmpty ? nil : file.notices.joined(separator: "; ")
        spool = LineSpool(isGzip ? .gathered(for: Self.pause) : .pieces(of: 1 << 20), spillPolicy, onFailure: onFailure)
        {
            (lines) throws(LineSpool.Failure) in
            do throws(CodecError) {
                try Self.write(isGzip ? try GzipMember.compress(lines) : lines, to: descriptor)
            } catch {
                throw .failed(
                    PartyError(.storage, "the recording \(path) cannot be written: \(error.problem)", step: "record"))
            }
        }
        var json = JSONWriter()
        RecordingLine.Head(account: account, startedAt: startedAt).write(to: &json)
        for line in file.saved { spool.put(line + [0x0A], count: 1) }
        spool.put(json.bytes, count: 1)
    }

    deinit { close(descriptor) }

    /// Takes a record, without waiting for the disk.
    package func take(_ record: StreamRecord) {
        var json = JSONWriter()
        record.write(to: &json)
        spool.put(json.bytes, count: json.bytes.lineCount)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(CodecError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CodecError(errorText(errno), at: bytes.count - rest.count) }
            rest = rest.dropFirst(count)
        }
    }
}
