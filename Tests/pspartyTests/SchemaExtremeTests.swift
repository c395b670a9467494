import ArgumentParser
import Foundation
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import psparty

/// Every document of the schemas is read with extreme values, one place after the other. Nothing traps, accepted
/// documents are printed as the schemas say, and refused ones are reported.
@Suite(.timeLimit(.minutes(5))) struct SchemaExtremeTests {
    private static let values = [
        "0", "-0", "-1", "1", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616", "9007199254740991", "9007199254740993", "0.5", "-0.0", "1e308", "-1e308", "1e-320",
        "1e999999999",
        String(repeating: "9", count: 400), "\"9223372036854775807\"", "\"-1\"", "\"\"", "\"9999-12-31T23:59:59.999Z\"",
        "\"0000-01-01T00:00:00.000Z\"", "null", "true", "{}", "[]",
        String(repeating: "[", count: 90) + String(repeating: "]", count: 90),
    ]

    /// Every document of every schema with every value in each placeholder, and in all at once.
    private static func lines(_ names: [String]) throws -> [String] {
        try names.flatMap { name in
            try SchemaSample.all(name).flatMap { sample in
                values.flatMap { value in
                    [sample.text(value)] + (0..<sample.places).map { sample.text(value, at: $0) }
                } + [sample.text()]
            }
        }
    }

    @Test func `the samples obey their schemas`() throws {
        let documents = try SchemaSample.names().flatMap { name in
            try SchemaSample.all(name).map { SchemaTests.Document(schema: name, text: $0.text()) }
        }
        #expect(documents.count > 40)
        // The samples ignore which types exclude each other and which fields belong to one type only.
        let complaints = try SchemaTests.complaints(documents).split(separator: "\n").filter { line in
            !["listen", "replay", "watch", "party", "redact"].contains { line.hasPrefix($0) }
        }
        #expect(complaints == [])
    }

    @Test func `each reader of JSON accepts or refuses each sample`() throws {
        var (redactor, fold) = (RecordingRedactor(.counting()), StreamFold())
        var describer = EventDescriber(me: nil, invocation: Invocation(profile: nil, server: nil))
        var taken: Set<String> = []
        for line in try Self.lines(SchemaSample.names()) {
            let bytes = Array(line.utf8)
            if let read = try? RecordingLine(bytes) {
                taken.insert("recording")
                var json = JSONWriter()
                if case .record(let record) = read {
                    let (events, _) = fold.take(record.delivery, connection: record.connection, time: record.time)
                    for (index, event) in events.enumerated() {
                        EventLine(event: event, sequence: Int64(index) + 1, me: nil).write(to: &json)
                        _ = describer.take(event)
                    }
                    record.write(to: &json)
                }
                redactor.write(read, to: &json)
            }
            if let signal = try? SignalDocument.signal(in: bytes), (try? SignalPayload.encode(signal)) != nil {
                taken.insert("signal")
            }
            _ = try? SignalDocument.find(in: bytes)
            if (try? SessionDescription.text(in: bytes)) != nil { taken.insert("description") }
            _ = [
                StreamGreeting(bytes) as Any?, StreamWish(bytes) as Any?, PushAnswer(bytes) as Any?,
                try? EngineMessage(line: bytes) as Any?, try? CredentialsFile.decode(bytes) as Any?,
                ServiceFault(bytes) as Any?, RequestBudget(bytes) as Any?,
            ]
            guard let root = try? JSONDocument(bytes).root else { continue }
            _ = VoiceLedger(root)
            _ = SessionPayload.session(root)
            _ = InvitationPayload.entry(root)
            _ = KeepAlive(root)
            _ = Member(root)
        }
        #expect(taken == ["recording", "signal", "description"])
    }

    @Test func `recordings of extreme values are replayed, redacted and shown as the schemas say`() async throws {
        let scratch = try ScratchFolder()
        let harness = CommandHarness()
        let lines = try Self.lines(["redact"]).filter { (try? RecordingLine(Array($0.utf8))) != nil }
        #expect(lines.count > 500)
        let file = try scratch.write(lines.joined(separator: "\n") + "\n", to: "extreme.ndjson")
        var documents: [SchemaTests.Document] = []
        for (words, schema) in [
            (["replay", file, "--speed", "max", "--lifecycle", "--snapshot", "--json"], "replay"),
            (["redact", file], "redact"), (["watch", "--recording", file, "--speed", "max", "--json"], "watch"),
        ] {
            let result = await harness.run(words)
            #expect(result.status == 0, "\(words[0]): \(result.stderr)")
            // The validator need not check lines that differ in their number only.
            let lines = Set(
                result.stdout.split(separator: "\n").map { $0.replacing(/^{"seq":[0-9]+,/, with: #"{"seq":1,"#) })
            documents += lines.map { .init(schema: schema, text: String($0)) }
            #expect(!result.stdout.isEmpty)
        }
        #expect(try SchemaTests.complaints(documents) == "")
        let text = await harness.run("replay", file, "--speed", "max", "--lifecycle", terminal: true)
        #expect(text.status == 0)
    }

    @Test func `signals of extreme values are encoded, decoded and compared, or refused`() async throws {
        let harness = CommandHarness()
        let lines = try Self.lines(["signal-decode", "listen"])
        let encoded = await harness.run(["signal", "encode"], input: lines)
        #expect(encoded.status == 65)
        let payloads = encoded.stdout.split(separator: "\n").map(String.init)
        let refusals = encoded.stderr.split(separator: "\n").count { $0.hasPrefix("psparty: line ") }
        #expect(payloads.count > 10)
        #expect(payloads.count + refusals == lines.count)
        let decoded = await harness.run(["signal", "decode"], input: payloads)
        #expect(decoded.status == 0, "\(decoded.stderr)")
        let documents = decoded.stdout.split(separator: "\n").map {
            SchemaTests.Document(schema: "signal-decode", text: String($0))
        }
        #expect(documents.count == payloads.count)
        #expect(try SchemaTests.complaints(documents) == "")
        #expect(await harness.run(["signal", "decode"], input: lines).status == 65)
    }
}

/// Every number that a user can set is accepted or refused, in each place where it can be set.
@Suite(.timeLimit(.minutes(5))) struct SettingExtremeTests {
    private static let values = [
        "", " ", "0", "-0", "-1", "+1", "1", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "18446744073709551615", "1e308", "-1e308", "1e999", "1e-320", "0.5", ".5", "5.", "0x10", "nan", "inf", "-inf",
        "1_000",
        "999999999999999999999999h", "9223372036854775807ms", "9223372036854775807h", "106751991167d", "0.0000001ms",
        "1e15s",
        "8796093022208k", "1024g", "1048577k", "٣", "1\u{0}", String(repeating: "9", count: 400),
        String(repeating: "9", count: 400) + "h",
        String(repeating: "0", count: 400) + "1s",
    ]

    @Test func `keys of the config file`() throws {
        for key in ConfigKey.allCases {
            var outcomes: Set<Bool> = []
            for value in Self.values {
                for written in ["\"\(value)\"", "'\(value)'", value] {
                    do throws(ConfigText.Problem) {
                        let entries = try ConfigText("\(key.rawValue) = \(written)\n").entries()
                        _ = try? Configuration(options: GlobalOptions.parse([]), variables: [:], entries: entries)
                        outcomes.insert(true)
                    } catch {
                        #expect(error.line == 1)
                        outcomes.insert(false)
                    }
                }
            }
            #expect(outcomes.contains(false), "\(key)")
        }
    }

    @Test func `variables`() async throws {
        let harness = CommandHarness()
        let names =
            ConfigKey.allCases.compactMap(\.variable) + ["PSPARTY_ACCESS_TOKEN", "COLUMNS", "LINES", "WATCHDOG_USEC"]
        for name in names {
            for value in Self.values where !value.utf8.contains(0) {
                let result = await harness.run("list", variables: [name: value])
                #expect([4, 78].contains(result.status), "\(name)=\(value): \(result.stderr)")
                let report = ServiceReport(variables: [name: value], processID: 1)
                #expect(report.watchdogInterval.map { $0 > .zero } ?? true)
            }
        }
    }

    private static let options = [
        "-1", "0", "9223372036854775807", "9223372036854775808", "1e308", "9223372036854775807h",
        "9223372036854775807g", "-0.5s",
        String(repeating: "9", count: 400), String(repeating: "9", count: 400) + "h",
    ]

    /// Options of every command, which are keys of the config file too.
    private static let everywhere = ["--profile", "--server", "--ca-file", "--color"]

    /// The name of each command, and its options that take a value.
    private static func numericOptions() throws -> [(command: [String], option: String)] {
        let help = try JSONSerialization.jsonObject(with: Data(Psparty._dumpHelp().utf8)) as? [String: Any]
        func walk(_ command: [String: Any], _ path: [String]) -> [(command: [String], option: String)] {
            let own = (command["arguments"] as? [[String: Any]] ?? []).filter { $0["kind"] as? String == "option" }
            let names = own.compactMap { option -> String? in
                (option["preferredName"] as? [String: Any])?["name"] as? String
            }
            let inner = (command["subcommands"] as? [[String: Any]] ?? []).flatMap { sub in
                walk(sub, path + [sub["commandName"] as? String ?? ""])
            }
            return names.map { (path, "--" + $0) } + inner
        }
        return walk(help?["command"] as? [String: Any] ?? [:], [])
    }

    @Test func `options of every command`() throws {
        let options = try Self.numericOptions().filter {
            !$0.command.isEmpty && $0.command.first != "help" && !Self.everywhere.contains($0.option)
        }
        #expect(
            Set(options.map(\.option)).isSuperset(of: [
                "--timeout", "--count", "--max-frame", "--max-members", "--speed",
            ]))
        for (command, option) in options {
            // The parser checks its whole tree at each call, which is slow.
            for value in Self.options where !value.utf8.contains(0) {
                // Parsing checks the value; the command does not run.
                _ = try? Psparty.parseAsRoot(command + ["\(option)=\(value)"])
            }
        }
    }
}
