internal import CLinux
internal import Glibc
internal import PartyCore

/// Opens a recording to append to it, and repairs its end if the last recorder was killed.
struct RecordingOpening: ~Copyable {
    let descriptor: Int32
    private(set) var isGzip: Bool
    /// Whole records of a gzip member that was cut off, to be written again.
    private(set) var saved: [[UInt8]] = []
    /// A notice for the user about the state of the file.
    private(set) var notices: [String] = []
    private let path: String

    /// - Throws: `PartyError` if the file cannot be appended to; it is not changed.
    init(path: String, account: AccountID) throws(PartyError) {
        self.path = path
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
        isGzip = path.hasSuffix(".gz")
        guard descriptor >= 0 else { throw Self.failure(path, errorText(errno)) }
        do throws(PartyError) { try mend(account) } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func failure(_ path: String, _ words: String) -> PartyError {
        PartyError(.storage, "the recording \(path) cannot be written: \(words)", step: "record")
    }

    private mutating func mend(_ account: AccountID) throws(PartyError) {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw Self.failure(path, errorText(errno)) }
        // Writes wait for the disk; only opening must not wait for another process.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        guard info.st_mode & S_IFMT == S_IFREG else { return }
        guard lock() else { throw Self.failure(path, "another process records to it") }
        guard info.st_size > 0 else { return try close(info.st_mode) }
        let decoder = try read(account)
        try close(info.st_mode)
        isGzip = decoder.isGzip
        guard decoder.isTorn else { return }
        let lost = Int(info.st_size) - decoder.wholeEnd
        guard ftruncate(descriptor, off_t(decoder.wholeEnd)) == 0 else { throw Self.failure(path, errorText(errno)) }
        saved = decoder.saved
        let rest = saved.isEmpty ? "" : ", of which \(saved.count) records were saved"
        notices.append("the recording \(path) ended within a record: its last \(lost) bytes were cut off\(rest)")
    }

    /// A program that this process starts shares its locks until it has called `exec`, also after we closed the file. So a
    /// lock that is held is asked for again for a moment.
    private func lock() -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(500)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < deadline else { return false }
            usleep(5000)
        }
        return true
    }

    /// Makes the file private. Other users may have read the earlier records.
    private mutating func close(_ mode: mode_t) throws(PartyError) {
        guard mode & 0o077 != 0 else { return }
        guard fchmod(descriptor, 0o600) == 0 else {
            var error = Self.failure(path, "others can read it, and its mode cannot be changed: \(errorText(errno))")
            error.hint = "name another file"
            throw error
        }
        notices.append("the recording \(path) was open to other users; its mode is 0600 now")
    }

    /// Reads every complete line of the file: records after a damaged one could not be read.
    private func read(_ account: AccountID) throws(PartyError) -> RecordingDecoder {
        let decoder = RecordingDecoder(keepsLines: true)
        var number = 0
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(path, errorText(errno)) }
            guard count > 0 else { break }
            let (lines, problem) = decoder.take(Array(chunk[..<count]))
            for line in lines {
                number += 1
                try check(line, number, account)
            }
            if let problem { throw notOurs("it is damaged in line \(number + 1): \(problem)") }
        }
        guard number > 0 || decoder.isGzip || decoder.endsLikeARecord else { throw notOurs("it holds something else") }
        return decoder
    }

    private func check(_ line: [UInt8], _ number: Int, _ account: AccountID) throws(PartyError) {
        do throws(CodecError) {
            guard case .head(let head) = try RecordingLine(line), let other = head.account, other != account else {
                return
            }
        } catch {
            throw notOurs(number == 1 ? "it holds something else" : "it is damaged in line \(number): \(error)")
        }
        throw notOurs("it is of another account")
    }

    private func notOurs(_ words: String) -> PartyError {
        PartyError(
            .badData, "\(path) is not a recording to append to: \(words)", step: "record",
            hint: "name another file, or move this one away")
    }
}
