import Foundation
import PartyTestSupport
import Synchronization
import Testing

@testable import PartyCore
@testable import psparty

@Suite(.timeLimit(.minutes(5))) struct SignalCommandTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../PartyCoreTests/Fixtures")

    private static func vectors(_ name: String) throws -> [[String: Any]] {
        let data = try Data(contentsOf: fixtures.appending(path: name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    }

    private static func payloads(_ name: String) throws -> [String] {
        try vectors(name).map { try #require($0["payload"] as? String) }
    }

    private let harness = CommandHarness()

    private func objects(_ text: String) throws -> [NSDictionary] {
        try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary)
        }
    }

    @Test func `every vector is decoded to its document and encoded back byte for byte`() async throws {
        let payloads = try Self.payloads("signals.json")
        let decoded = await harness.run(["signal", "decode"], input: payloads)
        #expect(decoded.status == 0 && decoded.stderr.isEmpty)
        let expected = try Self.vectors("signals.json").map { vector in
            vector.filter { !["name", "payload"].contains($0.key) } as NSDictionary
        }
        #expect(try objects(decoded.stdout) == expected)
        let lines = decoded.stdout.split(separator: "\n").map(String.init)
        let encoded = await harness.run(["signal", "encode"], input: lines)
        #expect(
            encoded == CommandResult(stdout: payloads.map { $0 + "\n" }.joined(), stderr: "", status: 0))
        let json = await harness.run(["signal", "encode", "--json"], input: lines)
        #expect(try objects(json.stdout).map { $0["payload"] as? String } == payloads)
    }

    @Test func `oddities of a signal are printed, and only those`() async throws {
        let result = await harness.run(["signal", "decode"], input: try Self.payloads("signals-tolerated.json"))
        #expect(result.status == 0)
        let oddities = try objects(result.stdout).map { $0["oddities"] as? [String] }
        #expect(oddities == [["header-counter"], ["envelope-spelling", "header-length"]])
        #expect(try objects(result.stdout).map { $0["trusted"] as? Bool } == [true, true])
    }

    @Test func `each broken payload gives status 65 and its place, the others are printed`() async throws {
        let good = try Self.payloads("signals.json")[0]
        for broken in try Self.payloads("signals-broken.json") {
            let result = await harness.run(["signal", "decode"], input: [good, broken, good])
            #expect(result.status == 65)
            #expect(try objects(result.stdout).count == 2)
            #expect(
                result.stderr.contains(
                    /^psparty: line 2 is not a valid signal: .* \(byte \d+( of the decoded body)?\)\n$/))
        }
        let all = await harness.run(
            ["signal", "decode", "--json"], input: try Self.payloads("signals-broken.json") + [good])
        #expect(all.status == 65)
        #expect(try objects(all.stdout).count == 1)
        let errors = try objects(all.stderr)
        #expect(errors.count == 7)
        #expect(errors.allSatisfy { ($0["error"] as? [String: Any])?["code"] as? String == "bad_data" })
        #expect(await harness.run("signal", "decode").status == 65, "nothing is no signal")
    }

    @Test func `frames and events with a signal are read, others are skipped`() async throws {
        let frames = try String(contentsOf: Self.fixtures.appending(path: "frames.ndjson"), encoding: .utf8)
            .split(separator: "\n").map { line in
                let sample = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                let frame = try JSONSerialization.data(withJSONObject: try #require(sample?["frame"]))
                return String(decoding: frame, as: UTF8.self)
            }
        let fromFrames = await harness.run(["signal", "decode"], input: frames)
        #expect(fromFrames.status == 0, "\(fromFrames.stderr)")
        let signals = try objects(fromFrames.stdout)
        #expect(!signals.isEmpty)
        // The lines that `listen` makes of them.
        let events = try frames.map { text in
            let event = PushEventDecoder.event(in: try PushFrame(Array(text.utf8)))
            let stream = StreamEvent(
                time: Timestamp(milliseconds: 0), connection: 1, content: .party(event), origin: .frame, frame: nil)
            let line = JSONWriter.text { EventLine(event: stream, sequence: 1, me: nil).write(to: &$0) }
            return String(decoding: line.dropLast(), as: UTF8.self)
        }
        #expect(await harness.run(["signal", "decode"], input: events) == fromFrames)
    }

    @Test func `a frame whose sender differs from the signal's is not trusted`() async throws {
        let payload = try Self.payloads("signals.json")[0]
        func line(_ from: String) -> String {
            #"{"method":3001,"dataType":"psn:sessionManager:sys:v2:ps:customMessage:noSeq:created","body":{"data":"#
                + #"{"customProperties":{"from":\#(from)},"#
                + #""customMessage":{"channel":"miranda:12","payload":"\#(payload)"}}}}"#
        }
        func isTrusted(_ from: String) async throws -> Bool {
            let result = await harness.run(["signal", "decode"], input: [line(from)])
            let isTold = result.stderr.contains("do not trust the signal")
            #expect(isTold == (try objects(result.stdout).first?["trusted"] as? Bool == false))
            return !isTold
        }
        #expect(try await isTrusted(#"{"accountId":"1000000000000000001","platform":"MOBILE_APP"}"#))
        #expect(try await isTrusted(#"{"accountId":"1000000000000000001"}"#))
        #expect(try await !isTrusted(#"{"accountId":"1000000000000000002","platform":"MOBILE_APP"}"#))
        #expect(try await !isTrusted(#"{"accountId":"1000000000000000001","platform":"PS5"}"#))
        #expect(try await !isTrusted(#"{"accountId":"1000000000000000001","platform":"PS4"}"#))
    }

    @Test func `the text form of a signal hides addresses and names the bridge`() throws {
        func words(_ type: String, _ data: String) throws -> String? {
            let frame =
                #"{"method":3001,"dataType":"psn:sessionManager:sys:v2:ps:\#(type)","body":{"data":{\#(data),"#
                + #""customProperties":{"from":{"accountId":"1000000000000000002","onlineId":"psparty-user-b","platform":"PS5"}}}}}"#
            let event = PushEventDecoder.event(in: try PushFrame(Array(frame.utf8)))
            var describer = EventDescriber(me: nil, invocation: Invocation(profile: nil, server: nil))
            return describer.take(event, .frame).text
        }
        let payload = try Self.payloads("signals.json")[1]
        let signal = try words(
            "customMessage:noSeq:created", #""customMessage":{"channel":"miranda:12","payload":"\#(payload)"}"#)
        #expect(
            signal
                == "psparty-user-b sent a voice signal: answer to 1000000000000000001 (MOBILE_APP), SDP of 28 lines, "
                + "1 addresses not shown")
        #expect(try words("bridges:created", #""bridges":[]"#) == "the voice bridge was created by psparty-user-b")
        #expect(try words("bridges:deleted", #""bridges":[]"#) == "the voice bridge was deleted by psparty-user-b")
    }

    @Test(arguments: [
        ("{", "byte 1"), ("[]", "JSON object"), (#"{"type":"offer"}"#, "globalSequence"),
        (#"{"type":"offer","globalSequence":1,"sdpSequence":"1","sdp":1}"#, "sdp"),
        (#"{"type":"offer","globalSequence":1,"sdpSequence":"1"}"#, "from.accountId"),
        (
            #"{"type":"offer","globalSequence":1,"sdpSequence":"1","from":{"accountId":"1","platform":"PS4"},"to":{"accountId":"2","platform":"PS5"}}"#,
            "no number is known for platform PS4"
        ),
        (
            #"{"type":"offer","globalSequence":1,"sdpSequence":"1","from":{"accountId":"1","platform":"PS5"},"to":{"accountId":"2","platform":"4294967296"}}"#,
            "32 bits"
        ),
    ])
    func `a signal that cannot be encoded is an error`(document: String, words: String) async {
        let result = await harness.run(["signal", "encode"], input: [document])
        #expect(result.status == 65)
        #expect(result.stdout.isEmpty)
        #expect(result.stderr.contains("line 1 is not a valid signal to write: "))
        #expect(result.stderr.contains(words))
    }

    @Test func `an overlong line is skipped while it is read, and the next one is read`() async throws {
        let piece = [UInt8](repeating: UInt8(ascii: "A"), count: 1 << 16)
        let pieces = Pieces([piece], times: 1600, then: Array("\nx\r\ny".utf8))
        var console = Console(
            output: { _ in }, errorOutput: { _ in }, input: { _ in nil }, isTerminal: false, isInputTerminal: false)
        console.piece = { () async throws(PartyError) in pieces.next() }
        var lines = InputLines(console)
        var found: [String?] = []
        let before = try peakMemory()
        while let batch = try await lines.next() {
            found += batch.map { $0.bytes.map { String(decoding: $0, as: UTF8.self) } }
        }
        #expect(found == [nil, "x", "y"])
        #expect(try peakMemory() - before < 64 << 20)
    }

    private func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let kilobytes = try #require(status.firstMatch(of: /VmHWM:\s*(\d+) kB/)?.1)
        return try #require(Int(kilobytes)) * 1024
    }

    // MARK: - diff

    private func diff(_ first: String, _ second: String, _ options: String...) async throws -> CommandResult {
        let folder = try ScratchFolder()
        try Data(first.utf8).write(to: URL(filePath: folder("a")))
        try Data(second.utf8).write(to: URL(filePath: folder("b")))
        return await harness.run(["signal", "diff", folder("a"), folder("b")] + options)
    }

    private func edited(_ payload: String, _ edit: (inout [UInt8]) -> Void) throws -> String {
        var content = try SignalEnvelope.open(Array(payload.utf8)).content
        edit(&content)
        return SignalEnvelope.seal(content)
    }

    @Test func `different ids and descriptions are expected, and the status is 0`() async throws {
        let signal = PartyCore.Signal(
            from: .init(accountID: AccountID(1_000_000_000_000_000_001), platform: .mobileApp),
            to: .init(accountID: AccountID(1_000_000_000_000_000_002), platform: .ps5), kind: .offer, sdp: "v=0\r\n",
            globalSequence: 1, sdpSequence: "1")
        var other = signal
        other.sdp = "v=0\r\na=ice-pwd:secret-password\r\n"
        other = PartyCore.Signal(
            from: .init(accountID: AccountID(1_000_000_000_000_000_003), platform: .mobileApp), to: signal.to,
            kind: .offer, sdp: other.sdp, globalSequence: 1, sdpSequence: "1")
        let (first, second) = (try SignalPayload.encode(signal), try SignalPayload.encode(other))
        #expect(try await diff(first, first) == CommandResult(stdout: "", stderr: "", status: 0))
        let result = try await diff(first, second + "\n")
        #expect(result.status == 0)
        #expect(!result.stdout.contains("DIFFERENT"))
        #expect(!result.stdout.contains("secret-password"))
        #expect(
            result.stdout.hasPrefix(
                "16\t8\theader.senderAccountId\taccount id of the sender\t010064a7b3b6e00d (1000000000000000001)\t"
                    + "030064a7b3b6e00d (1000000000000000003)\texpected\n"))
        let json = try await diff(first, second, "--json")
        let document = try #require(try objects(json.stdout).first)
        #expect(document["same"] as? Bool == true)
        #expect((document["differences"] as? [Any])?.count == 6)
    }

    @Test func `each other difference is reported with place and meaning, and the status is 1`() async throws {
        let payload = try Self.payloads("signals.json")[0]
        let tolerated = try Self.payloads("signals-tolerated.json")
        let cases: [(String, String)] = [
            (try edited(payload) { $0[8] = 7 }, "8\t4\theader.8\tunknown, 1\t01000000 (1)\t07000000 (7)\tDIFFERENT"),
            (try edited(payload) { $0[44] = 0x32 }, "44\t6\tprefix"),
            (try edited(payload) { $0.append(0) }, "460\t1\ttrailer"),
            (tolerated[1], "28\t12/14\theader.padding"), (tolerated[1], "payload 0\t27/36\tenvelope"),
            (try edited(payload) { $0[40] -= 1 }, ""),
        ]
        for (other, words) in cases {
            let result = try await diff(payload, other)
            #expect(result.status == (words.isEmpty ? 65 : 1))
            #expect(words.isEmpty || result.stdout.contains(words))
        }
    }

    @Test func `order, escapes and white space of the JSON are differences too`() async throws {
        let json = #"{"from":{"account_id":"1","platform":5},"to":{"account_id":"2","platform":5},"type":"offer"}"#
        func text(_ json: String) -> String { "ver=1.0, type=text, body=" + json }
        let others = [
            (
                #"{"to":{"account_id":"2","platform":5},"from":{"account_id":"1","platform":5},"type":"offer"}"#,
                "json.order"
            ),
            (json.replacing(#","to""#, with: #", "to""#), "json.spaces"),
            (json.replacing(#""1""#, with: "1"), "json.from.account_id"),
            (json.replacing("offer", with: "\\u006ffer"), "json.type"),
            (json.dropLast() + #","users":[{"x":1}]}"#, "json.users[0].x"),
            (json.replacing("\"type\"", with: "\"typ\\u0065\""), "payload"),
        ]
        for (other, field) in others {
            let result = try await diff(text(json), text(String(other)))
            #expect(result.status == 1, "\(field)")
            #expect(result.stdout.contains("\t\(field)\t"), "\(result.stdout)")
        }
    }

    @Test func `a file without a signal is bad data, a missing one is not found`() async throws {
        let payload = try Self.payloads("signals.json")[0]
        #expect(try await diff(payload, "x").status == 65)
        #expect(try await diff("", payload).status == 65)
        #expect(await harness.run("signal", "diff", "/nonexistent/a", "-", input: [payload]).status == 3)
        #expect(await harness.run("signal", "diff", "-", "-").status == 64)
    }
}

/// Input that arrives in pieces.
private final class Pieces: Sendable {
    private let state: Mutex<(left: Int, isOver: Bool)>
    private let piece: [UInt8]
    private let last: [UInt8]

    init(_ pieces: [[UInt8]], times: Int, then last: [UInt8]) {
        piece = Array(pieces.joined())
        self.last = last
        state = Mutex((times, false))
    }

    func next() -> [UInt8]? {
        state.withLock { state in
            guard state.left > 0 else {
                defer { state.isOver = true }
                return state.isOver ? nil : last
            }
            state.left -= 1
            return piece
        }
    }
}
