import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// Runs the scripts of the documentation unchanged.
    struct ScriptTests {
        private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
            .standardized

        /// The first `bash` block of a page.
        private static func script(in page: String) throws -> String {
            let text = try String(contentsOf: root.appending(path: page), encoding: .utf8)
            let block = try #require(text.components(separatedBy: "```bash\n").dropFirst().first)
            return try #require(block.components(separatedBy: "```").first)
        }

        @Test func `the host script invites two friends, waits for them and leaves`() async throws {
            let script = try Self.script(in: "docs/scripting.md")
            #expect(!script.contains("sleep"))
            #expect(script.split(separator: "\n").count <= 30)
            try await Lab.run { lab in
                for (account, profile) in ["default", "bob", "carol"].enumerated() {
                    try await lab.login(account, profile: profile)
                }
                let path = (Lab.psparty as NSString).deletingLastPathComponent + ":/usr/local/bin:/usr/bin:/bin"
                let host = try lab.start(
                    program: ["bash", "-c", script, "host.sh", "psparty-user-b", "psparty-user-c"],
                    variables: ["PATH": path])
                for friend in ["bob", "carol"] {
                    let joined = try await lab.psparty(
                        "join", "--from", "psparty-user-a", "--wait", "--timeout", "20s", "--profile", friend)
                    #expect(joined.status == 0, "\(joined.stderr)")
                }
                let waiting = try #require(try await host.line())
                #expect(waiting.hasSuffix("waiting for psparty-user-b and psparty-user-c"))
                #expect(try await host.line() == "all here: psparty-user-a, psparty-user-b, psparty-user-c")
                for friend in ["bob", "carol"] { try await lab.psparty("leave", "--profile", friend) }
                #expect(try await host.line() == "goodbye")
                #expect(try await host.end().status == 0)
                #expect(try await lab.control("GET", "state")["parties"].array.isEmpty)
            }
        }

        @Test func `the demo succeeds`() async throws {
            try await Lab.run { lab in
                let script = Self.root.appending(path: "scripts/demo").path(percentEncoded: false)
                let demo = try lab.start(program: ["bash", script])
                let result = try await demo.end()
                #expect(result.status == 0, "\(result.stderr)")
                for type in ["party.created", "member.joined", "member.left", "party.deleted"] {
                    #expect(result.stdout.contains("\"type\":\"\(type)\""))
                }
                #expect(result.stdout.hasSuffix("That was all of it: simulated, end to end, over TLS.\n"))
            }
        }
    }
}
