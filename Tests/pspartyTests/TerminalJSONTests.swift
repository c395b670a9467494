import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// JSON on a terminal: control characters become escapes of the same meaning. In a pipe the bytes stay.
@Suite(.timeLimit(.minutes(5))) struct TerminalJSONTests {
    private static let evil = "a\u{7F}b\u{9B}31m\u{202E}c\u{2066}\u{2028}\u{FEFF}\u{E0041}\u{85}é漢👩‍🚀"

    private func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || String(scalar).displayed == String(scalar)
        }
    }

    @Test func `control characters in keys and values become escapes of the same meaning`() throws {
        let object = [Self.evil: [Self.evil, "\u{1B}]0;x\u{7}"]]
        let json = try JSONSerialization.data(withJSONObject: object)
        let shown = Array(json).displayedJSON
        #expect(isHarmless(String(decoding: shown, as: UTF8.self)))
        #expect(try JSONSerialization.jsonObject(with: Data(shown)) as? [String: [String]] == object)
        #expect(shown.displayedJSON == shown)
        #expect(String(decoding: shown, as: UTF8.self).contains(#"\u202e"#))
        #expect(String(decoding: shown, as: UTF8.self).contains(#"\udb40\udc41"#))
        #expect(String(decoding: shown, as: UTF8.self).contains("é漢👩‍🚀"))
    }

    @Test(arguments: [
        ("{\"a\":1}\r\n", "{\"a\":1}\n"), ("{\r\"a\":1}", "{\n\"a\":1}"), ("\u{FEFF}{}", "{}"),
        ("{\t\"a\" : 1\n}", "{\t\"a\" : 1\n}"),
        ("<b>\u{1B}[2J</b>", "<b>\\u001b[2J</b>"), ("\u{0}", "\\u0000"), ("", ""),
    ])
    func `control characters outside JSON are made visible too`(text: String, shown: String) {
        #expect(String(decoding: Array(text.utf8).displayedJSON, as: UTF8.self) == shown)
    }

    @Test func `invalid UTF-8 does not reach a terminal`() {
        #expect([0x22, 0x9B, 0x41, 0x22].displayedJSON == Array("\"\u{FFFD}A\"".utf8))
    }

    @Test func `results and raw responses are escaped on a terminal and unchanged in a pipe`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        let name = "x\u{202E}y\u{9B}z"
        let id = String(await harness.run("create", "--name", name).stdout.dropLast())
        for line in [
            ["show", id, "--json"], ["list", "--json"], ["api", "GET", "/api/sessionManager/v2/partySessions?view=v3"],
        ] {
            var words = line
            if line[0] == "api" { words += ["-H", "X-PSN-SESSION-MANAGER-SESSION-IDS: \(id)"] }
            let piped = await harness.run(words)
            let shown = await harness.run(words, terminal: true)
            #expect(piped.status == 0 && shown.status == 0, "\(shown.stderr)")
            #expect(piped.stdout.unicodeScalars.contains("\u{202E}"))
            #expect(isHarmless(shown.stdout))
            #expect(shown.stdout.contains(#"x\u202ey\u009bz"#), "\(shown.stdout)")
            let meanings = try [piped.stdout, shown.stdout].map { text in
                try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? NSObject
            }
            #expect(meanings[0] == meanings[1])
        }
    }

    @Test(arguments: [["--json"], ["--raw"]]) func `events and frames are escaped on a terminal`(form: [String])
        async throws
    {
        let folder = try ScratchFolder()
        let data = "{\"sessionId\":\"x\",\"\u{202E}key\":\"\u{9B}\"}"
        let type = "psn:sessionManager:sys:v2:partySession:created"
        let time = "2027-01-01T00:00:00.000Z"
        let frame = #"{"version":"2.1","method":3001,"dataType":"\#(type)","body":{"data":\#(data)}}"#
        let head = #"{"recording":{"version":1,"accountId":"1000000000000000001","startedAt":"\#(time)"}}"#
        try folder.write(head + "\n" + #"{"time":"\#(time)","connection":1,"frame":\#(frame)}"# + "\n", to: "recording")
        let harness = CommandHarness()
        let words = ["replay", folder("recording"), "--speed", "max"] + form
        let piped = await harness.run(words)
        let shown = await harness.run(words, terminal: true)
        #expect(piped.stdout.contains(data))
        #expect(isHarmless(shown.stdout))
        #expect(shown.stdout.contains(#""\u202ekey":"\u009b""#), "\(shown.stdout)")
    }

    @Test func `an error document is escaped on a terminal`() {
        let told = Tape<String>()
        var console = Console(
            output: { _ in }, errorOutput: { told.append($0) }, input: { _ in nil }, isTerminal: false,
            isInputTerminal: false)
        let failure = Failure(PartyError(.refused, "no: \u{202E}", step: "x", hint: "\u{1B}[2J"))
        _ = failure.show(isJSON: true, in: console)
        console.isErrorTerminal = true
        _ = failure.show(isJSON: true, in: console)
        _ = failure.show(isJSON: false, in: console)
        #expect(told.all[0].contains("\u{202E}"))
        #expect(told.all[1].contains(#"no: \u202e"#) && isHarmless(told.all[1]))
        #expect(told.all[2] == "psparty: no: \\u{202e}\nhint: \\u{1b}[2J\n")
    }
}
