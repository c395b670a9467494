import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// `listen --record`, `replay` and `redact` on real files.
@Suite(.timeLimit(.minutes(5))) struct RecordingCommandTests {
    private let scratch: ScratchFolder
    private let harness: CommandHarness

    init() async throws {
        scratch = try ScratchFolder()
        harness = CommandHarness(clock: ManualClock())
        await harness.signIn(0)
    }

    /// Records a stream with every fixture frame, some twice, and one text that is not a frame.
    private func record(_ name: String, _ options: String...) async throws -> CommandResult {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../PartyCoreTests/Fixtures/frames.ndjson")
        let frames = try String(contentsOf: fixtures, encoding: .utf8).split(separator: "\n")
        async let result = harness.run(
            ["listen", "--timeout", "1h", "--record", scratch(name), "--lifecycle"] + options
                + ["--count", "\(frames.count + 3)"])
        await harness.world.clock.sleepers(2)
        await harness.world.pushIsReady(for: 0)
        for frame in frames {
            let sample = try #require(try JSONSerialization.jsonObject(with: Data(frame.utf8)) as? [String: Any])
            let bytes = try JSONSerialization.data(withJSONObject: try #require(sample["frame"]), options: .sortedKeys)
            _ = await harness.world.service.push(.text(Array(bytes)), to: "A")
        }
        _ = await harness.world.service.push(.text(Array("{".utf8)), to: "A")
        return await result
    }

    @Test(arguments: ["x.ndjson", "x.gz"]) func `replay prints the same as the stream did`(name: String) async throws {
        let listened = try await record(name)
        #expect(listened.status == 0)
        #expect(try scratch.permissions()[name] == 0o600)
        let count = "\(listened.stdout.split(separator: "\n").count)"
        for _ in 0..<2 {
            let replayed = await harness.run(
                "replay", scratch(name), "--speed", "max", "--lifecycle", "--count", count)
            #expect(replayed == listened)
        }
        let raw = await harness.run("replay", scratch(name), "--speed", "max", "--raw", "--count", "3")
        let frames = raw.stdout.split(separator: "\n")
        // The answer to the status frame is a frame as well, the first one.
        #expect(frames.first?.contains("\"method\":1003") == true)
        #expect(frames.count == 3 && frames.dropFirst().allSatisfy { $0.hasPrefix("{") && $0.contains("\"body\":") })
    }

    @Test(arguments: [["replay"], ["redact"], ["watch", "--recording"]])
    func `an empty recording exits with 0 and a notice`(command: [String]) async throws {
        try scratch.write("", to: "empty")
        try scratch.write(#"{"recording":{"version":1,"accountId":"1000000000000000001"}}"# + "\n", to: "head")
        for file in ["/dev/null", scratch("empty"), scratch("head")] {
            let result = await harness.run(command + [file])
            #expect(result.status == 0)
            #expect(result.stderr == "psparty: \(file) is an empty recording\n")
        }
        let full = try await record("x.ndjson")
        #expect(full.status == 0)
        let replayed = await harness.run("replay", scratch("x.ndjson"), "--speed", "max")
        #expect(!replayed.stderr.contains("empty"))
    }

    @Test func `other tools can read the gzip file after each flush`() async throws {
        let listened = try await record("x.gz")
        let zcat = Process()
        zcat.executableURL = URL(filePath: "/usr/bin/env")
        zcat.arguments = ["zcat", scratch("x.gz")]
        let output = Pipe()
        zcat.standardOutput = output
        try zcat.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        zcat.waitUntilExit()
        #expect(zcat.terminationStatus == 0)
        #expect(text.hasPrefix(#"{"recording":{"version":1,"accountId":"1000000000000000001","startedAt":""#))
        #expect(text.split(separator: "\n").count >= listened.stdout.split(separator: "\n").count)
    }

    @Test func `a redacted recording has the same events with pseudonyms`() async throws {
        let listened = try await record("x.ndjson")
        let redacted = await harness.run("redact", scratch("x.ndjson"))
        #expect(redacted.status == 0)
        try scratch.write(redacted.stdout, to: "y.ndjson")
        let replayed = await harness.run("replay", scratch("y.ndjson"), "--speed", "max", "--lifecycle")
        func types(_ text: String) throws -> [String] {
            try text.split(separator: "\n").map { line in
                let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return event?["type"] as? String ?? ""
            }
        }
        let count = listened.stdout.split(separator: "\n").count
        #expect(try types(listened.stdout) == Array(try types(replayed.stdout).prefix(count)))
        for planted in ["\"1000000000000000001\"", "psparty-user-a\"", "11111111-2222", "d0d0d0d0d0", "Friday"] {
            #expect(listened.stdout.contains(planted) || planted == "d0d0d0d0d0")
            #expect(!redacted.stdout.contains(planted), "\(planted)")
        }
    }

    @Test func `a party that is gone at a comparison ends in the redacted recording too`() async throws {
        let (id, account) = ("11111111-2222-4333-8444-555555555555", "1000000000000000001")
        let member = #"{"accountId":"\#(account)","onlineId":"psparty-user-a","platform":"PS5"}"#
        let contents = [
            #""lifecycle":{"type":"stream.connected"}"#, #""lifecycle":{"type":"stream.ready"}"#,
            #""snapshot":[{"id":"\#(id)","session":{"sessionId":"\#(id)","members":[\#(member)]}}],"#
                + #""whole":true,"accountId":"\#(account)""#,
            #""snapshot":[],"whole":true,"accountId":"\#(account)""#,
        ]
        let head = #"{"recording":{"version":1,"accountId":"\#(account)","startedAt":"2026-01-01T00:00:00.000Z"}}"#
        let records = contents.map { #"{"time":"2026-01-01T00:00:00.000Z","connection":1,\#($0)}"# }
        try scratch.write(([head] + records).map { $0 + "\n" }.joined(), to: "x")
        try scratch.write(await harness.run("redact", scratch("x")).stdout, to: "y")
        for name in ["x", "y"] {
            let replayed = await harness.run("replay", scratch(name), "--speed", "max", "--json")
            let ends = replayed.stdout.split(separator: "\n").filter { $0.contains("party.deleted") }
            #expect(ends.count == 1, "\(name)")
        }
    }

    @Test func `--from-seq selects by the sequence numbers of the stream`() async throws {
        let listened = try await record("x.ndjson")
        let lines = listened.stdout.split(separator: "\n")
        let result = await harness.run(
            "replay", scratch("x.ndjson"), "--speed", "max", "--lifecycle", "--from-seq", "4", "--count", "2")
        #expect(result.stdout == lines[3...4].map { $0 + "\n" }.joined())
    }

    @Test func `--speed keeps the pauses in proportion`() async throws {
        let frame = #"{"method":3001,"dataType":"x","body":{"data":{}}}"#
        try scratch.write(
            [0, 10, 14].map {
                #"{"time":"2026-01-01T00:00:\#($0 < 10 ? "0" : "")\#($0).000Z","connection":1,"frame":\#(frame)}"#
                    + "\n"
            }
            .joined(), to: "x")
        async let result = harness.run("replay", scratch("x"), "--speed", "2")
        let clock = harness.world.clock
        await clock.sleeper(dueIn: .seconds(5))
        #expect(harness.printed.split(separator: "\n").count <= 1)
        clock.advance(by: .seconds(5))
        await clock.sleeper(dueIn: .seconds(2))
        clock.advance(by: .seconds(2))
        #expect(await result.stdout.split(separator: "\n").count == 3)
    }

    @Test func `a truncated recording is reported, a damaged or foreign file is refused`() async throws {
        _ = try await record("x.ndjson")
        let text = try String(contentsOfFile: scratch("x.ndjson"), encoding: .utf8)
        try scratch.write(String(text.dropLast(30)), to: "torn")
        let torn = await harness.run("replay", scratch("torn"), "--speed", "max")
        #expect(torn.status == 0)
        #expect(torn.stderr.contains("ends in the middle of a record"))
        var lines = text.split(separator: "\n").map { String($0) }
        lines[2] = "garbage"
        try scratch.write(lines.joined(separator: "\n") + "\n", to: "damaged")
        let damaged = await harness.run("replay", scratch("damaged"), "--speed", "max", "--lifecycle")
        #expect(damaged.status == 65)
        #expect(damaged.stderr.contains("line 3"))
        #expect(damaged.stdout.contains("\"seq\":1,"), "what is whole before it is printed")
        let appended = await harness.run("listen", "--record", scratch("damaged"))
        #expect(appended.status == 65)
        #expect(appended.stderr.contains("not a recording to append to: it is damaged in line 3: "))
        #expect(try String(contentsOfFile: scratch("damaged"), encoding: .utf8) == lines.map { $0 + "\n" }.joined())
        for words in ["hello", "hello\n", "[1]\n", "\u{1F}\u{8B}nonsense that is no gzip"] {
            try scratch.write(words, to: "other")
            #expect(await harness.run("replay", scratch("other")).status == 65, "\(words)")
            #expect(await harness.run("listen", "--record", scratch("other")).status == 65, "\(words)")
            #expect(try String(contentsOfFile: scratch("other"), encoding: .utf8) == words)
        }
        #expect(await harness.run("replay", scratch("missing")).status == 3)
    }

    @Test func `a damaged gzip recording is reported with one line`() async throws {
        _ = try await record("x.gz")
        let whole = Array(try Data(contentsOf: URL(filePath: scratch("x.gz"))))
        for bytes in [whole + Array(repeating: 0x41, count: 50), whole + whole.prefix(20) + whole] {
            try Data(bytes).write(to: URL(filePath: scratch("damaged.gz")))
            for words in [["replay", "--speed", "max", "--lifecycle"], ["redact"]] {
                let result = await harness.run(words + [scratch("damaged.gz")])
                #expect(result.status == 65, "\(words)")
                #expect(!result.stdout.isEmpty, "what is whole before it is printed")
                #expect(result.stderr.split(separator: " ").count { $0 == "line" } == 1, "\(result.stderr)")
            }
            let appended = await harness.run("listen", "--record", scratch("damaged.gz"))
            #expect(appended.status == 65)
            #expect(appended.stderr.split(separator: " ").count { $0 == "line" } == 1, "\(appended.stderr)")
        }
    }

    @Test func `recording to a file whose mode cannot be changed is refused`() async {
        // Other users can read it, and its mode in /proc cannot be changed.
        let result = await harness.run("listen", "--record", "/proc/self/comm")
        #expect(result.status == 70)
        #expect(result.stderr.contains("others can read it, and its mode cannot be changed"), "\(result.stderr)")
        #expect(result.stderr.contains("hint: name another file"))
    }

    @Test func `a folder instead of a file is an error for reading and for writing`() async {
        for words in [["replay"], ["redact"], ["watch", "--recording"], ["listen", "--record"]] {
            let result = await harness.run(words + [scratch(""), "--json"])
            #expect(result.status == 70, "\(words)")
            #expect(result.stderr.contains(#""code":"storage""#), "\(result.stderr)")
        }
    }

    @Test func `recording to - is refused`() async {
        let result = await harness.run("listen", "--record", "-")
        #expect(result.status == 64)
        #expect(result.stderr.contains("./- is a file of that name"), "\(result.stderr)")
    }

    @Test func `a full disk ends the stream with a reason`() async throws {
        let result = await harness.run("listen", "--record", "/dev/full")
        #expect(result.status == 70)
        #expect(result.stderr == "psparty: the recording /dev/full cannot be written: No space left on device\n")
    }

    @Test func `a recording of another account is not appended to`() async throws {
        _ = try await record("x.ndjson")
        await harness.signIn(1, profile: "bob")
        let result = await harness.run("listen", "--profile", "bob", "--record", scratch("x.ndjson"))
        #expect(result.status == 65)
        #expect(result.stderr.contains("it is of another account"))
    }
}
