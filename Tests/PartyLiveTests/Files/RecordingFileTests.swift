import Foundation
import Glibc
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import PartyLive

@Suite(.timeLimit(.minutes(5))) struct RecordingFileTests {
    private static let account = AccountID(1_000_000_000_000_000_001)
    private static let time = Timestamp(milliseconds: 1_700_000_000_000)

    private func open(_ path: String) throws -> RecordingFile {
        try RecordingFile(
            path, account: Self.account, startedAt: Self.time,
            spillPolicy: LineSpool.SpillPolicy(file: { SpillFile(in: [], random: .live) }), onFailure: {})
    }

    private func record(_ number: Int) -> StreamRecord {
        let frame = #"{"method":3001,"dataType":"x","body":{"data":{"n":\#(number)}}}"#
        return StreamRecord(.frames([Array(frame.utf8)]), connection: 1, time: Self.time)
    }

    /// Appends that many records, each with a flush.
    private func write(_ numbers: Range<Int>, to path: String) async throws -> String? {
        let file = try open(path)
        for number in numbers {
            file.take(record(number))
            if number % 3 == 0 { await file.spool.drained() }
        }
        await file.spool.drained()
        return file.notice
    }

    private func lines(_ bytes: [UInt8]) throws -> (lines: [[UInt8]], isTorn: Bool) {
        let decoder = RecordingDecoder()
        var lines: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: 700) {
            let (new, problem) = decoder.take(Array(bytes[start..<min(bytes.count, start + 700)]))
            if let problem { throw problem }
            lines += new
        }
        return (lines, decoder.isTorn)
    }

    @Test(arguments: [0o644, 0o640, 0o620, 0o601])
    func `a recording that others can open is made private, and this is reported`(
        mode: Int
    ) async throws {
        let scratch = try ScratchFolder()
        let words = "was open to other users; its mode is 0600 now"
        for name in ["empty.ndjson", "recorded.ndjson"] {
            let path = scratch(name)
            if name.hasPrefix("recorded") {
                #expect(try await write(0..<2, to: path) == nil)
            } else {
                try Data().write(to: URL(filePath: path))
            }
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(try await write(2..<4, to: path) == "the recording \(path) \(words)")
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(try await write(4..<6, to: path) == nil)
        }
    }

    /// A kill at any byte leaves a prefix of the file. It is read as a prefix of the records, can be appended to, and
    /// is then complete again.
    @Test(arguments: ["x.ndjson", "x.gz"]) func `a recording truncated anywhere is read up to its last complete record`(
        name: String
    ) async throws {
        let scratch = try ScratchFolder()
        let path = scratch(name)
        #expect(try await write(0..<40, to: path) == nil)
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        let whole = try lines(bytes)
        #expect(whole.lines.count == 41)
        #expect(!whole.isTorn)
        let seed = UInt64.random(in: 0...999_999)
        print("cuts of \(name): seed \(seed)")
        var generator = SeededChance(seed: seed)
        var cuts = 0
        for number in 0..<500 {
            let length = Int.random(in: 0...bytes.count, using: &generator)
            let cut = try lines(Array(bytes[..<length]))
            #expect(whole.lines.starts(with: cut.lines), "seed \(seed), \(length) bytes")
            #expect(cut.isTorn || length == 0 || bytes[..<length].last == 0x0A || name.hasSuffix(".gz"))
            cuts += 1
            // Appending is slower, so only each tenth length.
            guard number % 10 == 0 else { continue }
            try Data(bytes[..<length]).write(to: URL(filePath: path))
            let notice = try await write(100..<101, to: path)
            #expect((notice?.contains("ended within a record") == true) == cut.isTorn, "seed \(seed), \(length) bytes")
            let mended = try lines(Array(try Data(contentsOf: URL(filePath: path))))
            #expect(!mended.isTorn)
            #expect(mended.lines.starts(with: cut.lines), "seed \(seed), \(length) bytes")
            #expect(mended.lines.count == cut.lines.count + 2)
        }
        #expect(cuts == 500)
    }

    @Test func `two processes cannot record to one file`() async throws {
        let scratch = try ScratchFolder()
        let first = try open(scratch("x"))
        let error = #expect(throws: PartyError.self) { try open(scratch("x")) }
        #expect(error?.message.hasSuffix("another process records to it") == true)
        await first.spool.drained()
    }

    /// A child program holds the lock like this between fork and exec.
    @Test func `a lock that is released soon is waited for`() async throws {
        let scratch = try ScratchFolder()
        let path = scratch("x")
        let other = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(flock(other, LOCK_EX) == 0)
        // Another thread: the pools may be busy with other tests.
        let releasing = Thread {
            usleep(30_000)
            close(other)
        }
        releasing.start()
        let file = try open(path)
        await file.spool.drained()
    }

    @Test func `an endless line is abandoned, also in a compressed file`() throws {
        let member = try GzipMember.compress([UInt8](repeating: 0x20, count: 80 << 20))
        #expect(member.count < 1 << 20)
        let decoder = RecordingDecoder()
        #expect(decoder.take(member).problem?.problem == "it is over 64 MB, and no record is")
    }
}
