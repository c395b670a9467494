import PartyCore
import Testing

@testable import psparty

@Suite struct ConfigTextTests {
    static let text = """
        # mine
        profile = 'bob'   # not default
        \tuser-agent="a \\"quoted\\" \\u0041"

        # the service
        [hosts]
        mobile = "https://192.0.2.1"

        [push]
        app-type = "X"

        """

    private func values(_ text: String) throws(ConfigText.Problem) -> [String: String] {
        var values: [String: String] = [:]
        for entry in try ConfigText(text).entries() { values[entry.key.rawValue] = entry.value.reveal() }
        return values
    }

    @Test func `keys, tables, strings and comments are read with their line numbers`() throws {
        let read = try values(Self.text)
        #expect(
            read == [
                "profile": "bob", "user-agent": "a \"quoted\" A", "hosts.mobile": "https://192.0.2.1",
                "push.app-type": "X",
            ])
        #expect(try ConfigText(Self.text).entries().map(\.line) == [2, 3, 7, 10])
        #expect(try values(Self.text.replacing("\n", with: "\r\n")) == read)
        #expect(try values("\u{FEFF}" + Self.text) == read)
        #expect(try values("").isEmpty)
    }

    @Test(arguments: [
        ("sever = 'x'", 1, "unknown key \"sever\"", "did you mean server?"),
        ("\nhosts.mobil = 'x'", 2, "unknown key \"hosts.mobil\"", "did you mean hosts.mobile?"),
        ("[host]\nmobile = 'x'", 2, "unknown key \"host.mobile\"", "did you mean hosts.mobile?"),
        ("zzz = 'x'", 1, "unknown key \"zzz\"", "`psparty help config` lists the keys"),
        ("profile = bob", 1, "the value of profile is not a string", "write it in quotes on one line: profile = \"…\""),
        (
            "profile = \"bob", 1, "the value of profile is not a string",
            "write it in quotes on one line: profile = \"…\""
        ),
        (
            "profile = 'a' b", 1, "the value of profile is not a string",
            "write it in quotes on one line: profile = \"…\""
        ),
        ("profile", 1, "the line has no = and is not a comment", "write it like key = \"value\""),
        ("[hosts", 1, "invalid table header", "write it like [hosts]"),
        ("a b = 'x'", 1, "invalid key name", "a key consists of letters, digits and dashes"),
        ("color = 'pink'", 1, "color: pink is not a valid value", "use auto, always or never"),
        (
            "[tls]\nfetch-issuers = 'sometimes'", 2,
            "tls.fetch-issuers: sometimes is not a valid value", "use auto or never"
        ),
        ("ca-file = 'a.pem'", 1, "ca-file: a.pem is not an absolute path", "write the full path, starting with /"),
    ])
    func `an invalid line is named with a hint`(
        text: String, line: Int, problem: String, hint: String
    ) {
        #expect(throws: ConfigText.Problem(line: line, words: BadValue(problem, hint: hint))) {
            try ConfigText(text).entries()
        }
    }

    @Test func `a key that is set twice is named with both lines, and a secret is never quoted`() {
        #expect(
            throws: ConfigText.Problem(
                line: 2, words: BadValue("scope is already set in line 1", hint: "remove one of the lines"))
        ) {
            try ConfigText("scope = 'a'\nscope = 'b'").entries()
        }
        for text in ["client-secret = geheim", "client-secret = \"ge\\nheim\""] {
            let problem = #expect(throws: ConfigText.Problem.self) { try ConfigText(text).entries() }
            #expect(problem.map { !"\($0)".contains("heim") } == true)
        }
    }

    @Test func `set changes a value and keeps the rest of the file`() throws {
        var text = ConfigText(Self.text)
        text.set(.profile, to: "ann")
        text.set(.hostsMobile, to: "https://192.0.2.2")
        #expect(
            text.text
                == Self.text.replacing("'bob'", with: "\"ann\"").replacing(
                    "https://192.0.2.1", with: "https://192.0.2.2"))
    }

    @Test func `a new key is added to its table, else before the first one`() throws {
        var text = ConfigText(Self.text)
        text.set(.hostsWeb, to: "https://192.0.2.3")
        text.set(.color, to: "never")
        text.set(.pushOSVersion, to: "17")
        let lines = text.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.contains("web = \"https://192.0.2.3\"") && lines.contains("os-version = \"17\""))
        let entries = try values(text.text)
        #expect(entries["hosts.web"] == "https://192.0.2.3" && entries["color"] == "never")
        #expect(entries["push.os-version"] == "17" && entries["hosts.mobile"] == "https://192.0.2.1")
        var tables = ConfigText("# head\n\n# the hosts\n[hosts]\nweb = 'https://192.0.2.3'\n")
        tables.set(.profile, to: "bob")
        #expect(tables.text.hasSuffix("[hosts]\nweb = 'https://192.0.2.3'\n"))
        #expect(try values(tables.text)["profile"] == "bob")
        var empty = ConfigText()
        empty.set(.userAgent, to: #"a "b" \c"#)
        #expect(empty.text == "user-agent = \"a \\\"b\\\" \\\\c\"\n")
        #expect(try values(empty.text)["user-agent"] == #"a "b" \c"#)
    }

    @Test func `unset removes only the line of the key, also of an unknown one`() {
        var text = ConfigText(Self.text + "sever = 'x'\n")
        text.unset("push.sever")
        #expect(text.text == Self.text)
        text.unset("profile")
        #expect(text.text == Self.text.replacing("profile = 'bob'   # not default\n", with: ""))
    }
}
