import Foundation
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite struct CompletionTests {
    @Test(arguments: [("bash", "complete "), ("zsh", "#compdef psparty"), ("fish", "complete -c 'psparty'")])
    func `each shell gets its script`(shell: String, word: String) async {
        let harness = CommandHarness()
        let script = await harness.run("completions", shell)
        #expect(script.status == 0)
        #expect(script.stdout.contains(word) && script.stdout.contains("---completion"))
        let json = await harness.run("completions", shell, "--json")
        #expect(json.stdout.hasPrefix("{\"shell\":\"\(shell)\",\"script\":\""))
    }

    /// A shell that is not installed is skipped.
    @Test(arguments: ["bash", "zsh", "fish"]) func `each shell parses its script`(shell: String) async throws {
        let folders = ["/bin/", "/usr/bin/", "/usr/local/bin/"]
        guard let path = folders.map({ $0 + shell }).first(where: FileManager.default.isExecutableFile) else { return }
        let folder = try ScratchFolder()
        try folder.put(await CommandHarness().run("completions", shell).stdout, "script")
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["-n", folder("script")]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func `another shell is wrong usage`() async {
        #expect(await CommandHarness().run("completions", "tcsh").status == 64)
        #expect(await CommandHarness().run("completions").status == 64)
    }

    @Test func `profiles, parties and friends are completed from local files, without a request`() async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        await harness.signIn()
        await harness.signIn(1, profile: "bob")
        let id = String(await harness.run("create", "--profile", "bob").stdout.dropLast())
        _ = await harness.run("friends")
        await harness.world.service.clearRequests()
        func complete(_ path: [String], _ argument: String, _ words: String...) async -> [String] {
            let line = ["psparty"] + path + words
            let request = ["---completion"] + path + ["--", argument, "\(line.count - 1)", "0"] + line
            let result = await harness.run(request)
            #expect(result.status == 0 && result.stderr.isEmpty)
            // The parser adds a blank for zsh, also after another test in this process has asked for a zsh script.
            return result.stdout.split(separator: "\n").map(String.init).filter { $0 != " " }
        }
        #expect(await complete(["whoami"], "--profile", "--profile", "") == ["bob", "default"])
        #expect(await complete(["show"], "positional@0", "") == ["current"])
        #expect(await complete(["show"], "positional@0", "--profile", "bob", "") == ["current", id])
        #expect(await complete(["show"], "positional@0", "--profile=bob", "") == ["current", id])
        #expect(await complete(["invite"], "positional@0", "").contains("psparty-user-b"))
        #expect(await complete(["invite"], "positional@0", "--profile", "bob", "") == ["me"])
        #expect(await harness.world.service.requests().isEmpty)
        try folder.put("sever = 'x'\n", "config/config.toml")
        #expect(await complete(["whoami"], "--profile", "--profile", "") == ["bob", "default"])
        #expect(await complete(["show"], "positional@0", "") == ["current"])
    }
}
