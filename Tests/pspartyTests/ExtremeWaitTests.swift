import PartyCore
import PartyTestSupport
import Testing

@testable import psparty

/// The longest waits of a caller or a recording, in every form of output.
struct ExtremeWaitTests {
    private static let waits: [Duration] = [
        .milliseconds(Int64.min), .milliseconds(-1), .zero, .milliseconds(49), .milliseconds(Int64.max),
        .seconds(Int64.max),
    ]

    @Test(arguments: waits) func `are printed as text and as JSON`(wait: Duration) throws {
        for lifecycle in [
            StreamLifecycle.lost(reason: "x", retryAfter: wait),
            .retrying(reason: "x", retryAfter: wait, isAdvised: true),
        ] {
            var fold = StreamFold()
            let (events, _) = fold.take(.lifecycle(lifecycle), connection: 1, time: Timestamp(milliseconds: .max))
            let event = try #require(events.first)
            #expect(EventSentence(lifecycle).text.contains("trying again "))
            var json = JSONWriter()
            EventLine(event: event, sequence: .max, me: nil).write(to: &json)
            #expect(JSONText.isValid(Array(json.bytes.dropLast())))
            var report = ServiceReport(variables: [:], processID: 1)
            #expect(report.take(lifecycle, at: .zero)?.hasPrefix("STATUS=") == true)
        }
    }

    @Test func `a recording with extreme numbers is replayed`() async throws {
        let scratch = try ScratchFolder()
        let harness = CommandHarness(clock: ManualClock())
        let lines = [
            #"{"recording":{"version":1,"accountId":"18446744073709551615","startedAt":"9999-12-31T23:59:59.999Z"}}"#,
            #"{"time":"0000-01-01T00:00:00.000Z","connection":9223372036854775807,"lifecycle":{"type":"stream.lost","reason":"x","retryAfterMs":9223372036854775807}}"#,
            #"{"time":"0000-01-01T00:00:00.000Z","connection":-9223372036854775808,"lifecycle":{"type":"stream.lost","reason":"x","retryAfterMs":-9223372036854775808,"isAdvised":true}}"#,
            #"{"time":"0000-01-01T00:00:00.000Z","connection":1,"lifecycle":{"type":"frame.invalid","size":9223372036854775807}}"#,
        ]
        let file = try scratch.write(lines.joined(separator: "\n") + "\n", to: "extreme.ndjson")
        let replayed = await harness.run("replay", file, "--speed", "max", "--lifecycle")
        #expect(replayed.status == 0, "\(replayed.stderr)")
        #expect(replayed.stdout.split(separator: "\n").count == 3)
        #expect(replayed.stdout.contains(#""retryAfterMs":86400000"#))
        #expect(replayed.stdout.contains(#""retryAfterMs":0"#))
    }
}
