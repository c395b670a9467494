import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// Every reader of text removes the byte order mark of Windows editors and PowerShell.
struct TextInputTests {
    private static let mark = "\u{FEFF}"

    @Test func `users and parties on standard input`() async {
        let harness = CommandHarness()
        await harness.signIn()
        let id = String(await harness.run("create").stdout.dropLast())
        let shown = await harness.run("show", "-", "--json", input: ["\r", Self.mark + id + "\r"])
        #expect(shown.status == 65)
        let again = await harness.run("show", "-", "--json", input: [Self.mark + id + "\r"])
        #expect(again.status == 0)
        let invited = await harness.run(
            "invite", "-", "--json", input: [Self.mark + "psparty-user-b\r", "psparty-user-c"])
        #expect(invited.status == 0)
    }

    @Test func `the redirected address`() async throws {
        let harness = CommandHarness()
        let begun = await harness.run("login", input: [])
        let address = try #require(begun.stderr.split(separator: "\n").first { $0.contains("/oauth/authorize?") })
        let redirect = try await harness.redirect(of: String(address))
        let result = await harness.run("login", "--code", "-", input: ["", Self.mark + redirect + "\r"])
        #expect(result == CommandResult(stdout: "psparty-user-a\n", stderr: "", status: 0))
    }

    @Test func `a pretty page with the NPSSO`() async {
        let harness = CommandHarness()
        let npsso = harness.world.service.accounts[0].npsso
        let page = ["", Self.mark + "{\r", "  \"npsso\": \"\(npsso)\"\r", "}\r", ""]
        #expect(await harness.run("login", "--npsso", "-", input: page).stdout == "psparty-user-a\n")
        let signedOut = await harness.run("login", "--npsso", "-", input: ["{", "\"error\": \"invalid_grant\"", "}"])
        #expect(signedOut.status == 65)
        #expect(signedOut.stderr.contains("not signed in"))
        #expect(await harness.run("login", "--npsso", "-", input: ["", " "]).status == 65)
    }

    @Test func `a body is sent without the byte order mark and otherwise unchanged`() async throws {
        let harness = CommandHarness()
        await harness.signIn()
        await harness.world.service.clearRequests()
        _ = await harness.run("api", "POST", "/api/x", "--data", "-", input: [Self.mark + #"{"a":"\#(Self.mark)"}"#])
        let sent = try #require(await harness.world.service.requests().first)
        #expect(String(decoding: sent.body, as: UTF8.self) == #"{"a":"\#(Self.mark)"}"#)
    }

    @Test func `signals`() async {
        let harness = CommandHarness()
        let document =
            #"{"from":{"accountId":"7","platform":"PS5"},"to":{"accountId":"8","platform":"PS5"},"type":"offer","#
            + #""sdp":"v=0\r\n","globalSequence":1,"sdpSequence":"1/1/1"}"#
        let plain = await harness.run("signal", "encode", input: [document])
        #expect(plain.status == 0)
        #expect(await harness.run("signal", "encode", input: [Self.mark + document + "\r"]) == plain)
        let payload = String(plain.stdout.dropLast())
        let decoded = await harness.run("signal", "decode", input: [payload])
        #expect(await harness.run("signal", "decode", input: [Self.mark + payload]) == decoded)
        #expect(decoded.status == 0)
    }

    @Test func `UTF-16 is refused with an explanation`() async {
        let harness = CommandHarness()
        await harness.signIn()
        for text in ["\u{FFFD}\u{FFFD}p\u{0}s\u{0}", "p\u{0}s\u{0}"] {
            for command in [["show", "-"], ["invite", "-"], ["login", "--code", "-"], ["signal", "decode"]] {
                // The harness hands pieces on as UTF-8: the first of the two cannot come as one.
                if command[0] == "signal", text.hasPrefix("\u{FFFD}") { continue }
                let result = await harness.run(command, input: [text])
                #expect(result.status == 65)
                #expect(result.stderr.contains("standard input is UTF-16 text"))
                #expect(result.stderr.contains("iconv"))
            }
        }
    }

    @Test(arguments: ["\n", "\r\n"])
    func `a recording`(_ end: String) async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness()
        let frame = #"{"time":"2023-11-14T22:13:20.000Z","connection":1,"frame":{"method":3001,"dataType":"x"}}"#
        try folder.write(frame + "\n", to: "plain.jsonl")
        try folder.write(Self.mark + frame + end, to: "marked.jsonl")
        let plain = await harness.run("replay", folder("plain.jsonl"), "--speed", "max")
        #expect(plain.status == 0)
        #expect(await harness.run("replay", folder("marked.jsonl"), "--speed", "max") == plain)
        try folder.write(String(decoding: [0x7B, 0, 0x22, 0], as: UTF8.self), to: "wide.jsonl")
        let wide = await harness.run("replay", folder("wide.jsonl"))
        #expect(wide.status == 65)
        #expect(wide.stderr.contains("wide.jsonl is UTF-16 text"))
    }
}
