import Foundation
import Testing

@testable import psparty

/// What `--version` prints.
@Suite struct VersionTests {
    @Test(arguments: [["--version"], ["-q", "--version"], ["--version", "-q"]])
    func `the version stands alone`(words: [String]) async {
        let result = await CommandHarness().run(words)
        #expect(result.status == 0 && result.stderr.isEmpty)
        #expect(result.stdout == "psparty \(Version.number)\n")
    }

    @Test(arguments: [["--version", "-v"], ["-v", "--version"], ["--version", "--verbose"], ["--version", "-vv"]])
    func `with -v it names the commit and the libraries in use`(words: [String]) async throws {
        let result = await CommandHarness().run(words)
        let lines = result.stdout.split(separator: "\n")
        #expect(result.status == 0 && lines.count == 5)
        #expect(lines[0] == "psparty \(Version.number)" && lines[1].hasPrefix("commit "))
        for (line, name) in zip(lines[2...], ["curl", "libwebsockets", "OpenSSL"]) {
            #expect(line.wholeMatch(of: try Regex("\(name) [0-9]+\\.[0-9]+[0-9.]*[a-z]?")) != nil, "\(line)")
        }
    }

    @Test func `with --json it is one document`() async throws {
        let result = await CommandHarness().run("--version", "--json")
        let json = try JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [String: Any]
        #expect(json?.keys.sorted() == ["commit", "curl", "libwebsockets", "openssl", "version"])
        #expect(json?["version"] as? String == Version.number)
    }
}
