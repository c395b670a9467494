import PartyTestSupport
import Testing

@testable import PartyCore

/// Every reader of numbers from outside refuses, clamps or keeps extreme values, and never traps.
struct ExtremeNumberTests {
    private static let numbers = [
        "-9223372036854775808", "-9223372036854775807", "-1", "-0", "0", "1", "4294967295", "4294967296",
        "9007199254740993", "9223372036854775806", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "0.5", "-1.5", "1e308", "-1e308", "1e-308", "1e999",
        String(repeating: "9", count: 5000), "\"9223372036854775807\"", "\"-9223372036854775808\"", "\"\"", "null",
    ]

    /// The text with each `#` replaced by a number, the same numbers for the same seed.
    private static func filled(_ text: String, _ seed: UInt64) -> [UInt8] {
        var chance = SeededChance(seed: seed)
        return Array(text.map { $0 == "#" ? numbers[chance.below(numbers.count)] : String($0) }.joined().utf8)
    }

    private static let seeds = UInt64(0)..<300

    @Test func `records of the stream and their texts`() throws {
        let lines = [
            #"{"time":"2023-11-14T22:13:20.000Z","connection":#,"lifecycle":{"type":"stream.lost","retryAfterMs":#}}"#,
            #"{"time":"9999-12-31T23:59:59.999Z","connection":#,"lifecycle":{"type":"stream.lost","retryAfterMs":#,"isAdvised":true}}"#,
            #"{"time":"0000-01-01T00:00:00.000Z","connection":#,"lifecycle":{"type":"frame.invalid","size":#}}"#,
            #"{"time":"2023-11-14T22:13:20.000Z","connection":#,"snapshot":[{"id":"S","session":{"sessionId":"S","createdTimestamp":#,"maxMembers":#,"members":[{"accountId":#,"joinTimestamp":#,"joinOrder":#}]}}],"accountId":#}"#,
            #"{"recording":{"version":1,"accountId":#,"startedAt":#}}"#,
        ]
        for seed in Self.seeds {
            var fold = StreamFold()
            for line in lines {
                let bytes = Self.filled(line, seed)
                guard let read = try? RecordingLine(bytes), case .record(let record) = read else { continue }
                let (events, connection) = fold.take(
                    record.delivery, connection: record.connection, time: record.time)
                #expect(connection <= lines.count)
                for event in events {
                    guard case .lifecycle(.lost(_, let wait)) = event.content else { continue }
                    #expect((Duration.zero...RetryAdvice.limit).contains(wait))
                    _ = event.time.advanced(by: wait)
                }
                var json = JSONWriter()
                record.write(to: &json)
            }
        }
    }

    @Test func `push frames`() throws {
        let frame = """
            {"version":"3.0","method":#,"dataType":"psn:sessionManager:sys:v2:ps:partySessions:members:created",
            "to":{"accountId":#},"body":{"data":{"customProperties":{"contexts":[{"notificationContextId":"C",
            "sequenceNumber":#}],"from":{"accountId":#}},"sessionId":"S","maxMembers":#,
            "members":[{"accountId":#,"joinTimestamp":#,"joinOrder":#}]}}}
            """
        for seed in Self.seeds {
            var fold = StreamFold()
            for number in 0..<5 {
                let bytes = Self.filled(frame, seed &* 7 &+ UInt64(number))
                _ = fold.take(.frames([bytes]), connection: 1, time: Timestamp(milliseconds: .max))
            }
        }
    }

    @Test func `the greeting of the holder`() {
        let line = #"{"greeting":{"version":1,"context":"C","ready":true,"inSync":true,"connection":#}}"#
        for seed in Self.seeds {
            guard let greeting = StreamGreeting(Self.filled(line, seed)) else { continue }
            var json = JSONWriter()
            greeting.write(to: &json)
            #expect(StreamGreeting(Array(json.bytes.dropLast())) == greeting)
        }
    }

    @Test func `files of a profile`() throws {
        let credentials = """
            {"version":1,"accountId":"1","accessToken":"a","refreshToken":"r","issuedAt":#,"expiresAt":#,
            "refreshExpiresAt":#}
            """
        let ledger = """
            {"lastSequence":#,"legs":[{"id":"1","partyId":"S","openedAt":#,"ours":true}],
            "negotiations":[{"partyId":"S","accountId":"1","platform":"PS5","count":#}]}
            """
        for seed in Self.seeds {
            if let read = try? CredentialsFile.decode(Self.filled(credentials, seed)) {
                _ = (read.expiresAt - read.issuedAt).inMilliseconds
                _ = [read.issuedAt.description, read.refreshExpiresAt?.description ?? ""]
            }
            guard var read = VoiceLedger(try JSONDocument(Self.filled(ledger, seed)).root) else { continue }
            _ = read.takeSequences(1000)
            _ = read.attachments[0].lostPeer(among: [PeerID("a")], at: Timestamp(milliseconds: .min))
        }
    }

    @Test func `retry advice, from headers and from the file`() async throws {
        let names = ["Retry-After", "X-PSN-RETRY-INTERVAL-MIN", "X-PSN-RETRY-INTERVAL-MAX"]
        for seed in Self.seeds {
            var chance = SeededChance(seed: seed)
            let headers = names.map { name in
                HeaderField(name, Self.numbers[chance.below(Self.numbers.count)].filter { $0 != "\"" })
            }
            guard let advice = RetryAdvice(RESTResponse(status: 503, headers: headers, body: [])) else { continue }
            for fraction in [0, 0.5, 0.999_999_999_999] {
                #expect((Duration.zero...RetryAdvice.limit).contains(advice.wait(fraction: fraction)))
            }
        }
    }

    @Test func `signals and their documents`() throws {
        let document = """
            {"from":{"accountId":#,"platform":#},"to":{"accountId":#,"platform":#},"type":"offer","sdp":"v=0",
            "globalSequence":#,"sdpSequence":#}
            """
        let text = """
            ver=1.0, type=text, body={"from":{"account_id":#,"platform":#},"to":{"account_id":#,"platform":#},
            "type":"offer","sdp":"v=0","global_seq_num":#,"sdp_sequence_number":#}
            """
        for seed in Self.seeds {
            if let signal = try? SignalDocument.signal(in: Self.filled(document, seed)) {
                if let payload = try? SignalPayload.encode(signal) {
                    #expect(try SignalPayload.decode(payload).signal.globalSequence == signal.globalSequence)
                }
            }
            _ = try? SignalPayload.decode(Self.filled(text, seed))
        }
    }

    @Test func `a token grant`() throws {
        let token = "e30." + Base64.text(Array(#"{"account_id":"1","exp":9223372036854775807}"#.utf8)) + ".s"
        for seed in Self.seeds {
            let body = Self.filled(
                #"{"access_token":"\#(token)","expires_in":#,"refresh_token_expires_in":#}"#, seed)
            for now in [Int64.min, 0, .max] {
                let now = Timestamp(milliseconds: now)
                guard let granted = try? TokenGrant.credentials(in: body, now: now, from: nil, previous: nil) else {
                    continue
                }
                _ = (granted.expiresAt - granted.issuedAt).inMilliseconds
            }
        }
    }

    @Test(arguments: [
        ("5", 5), ("-1", 0), ("11", 10), ("9223372036854775807", 10), ("-9223372036854775808", 0),
        ("18446744073709551615", 10), ("\"11\"", 10), ("1e3", nil), ("null", nil),
        (String(repeating: "9", count: 50), nil),
    ])
    func `a bounded number is the nearest one in its range`(_ text: String, _ number: Int64?) throws {
        #expect(try json(text).integer(clampedTo: 0...10) == number)
    }
}
