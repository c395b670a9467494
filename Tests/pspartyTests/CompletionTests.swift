import Foundation
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite struct CompletionTests {
    @Test(arguments: [("bash", "complete "), ("zsh", "#compdef psparty"), ("fish", "complete -c psparty")])
    func `each shell gets its script`(shell: String, word: String) async {
        let harness = CommandHarness()
        let script = await harness.run("completions", shell)
        #expect(script.status == 0)
        #expect(script.stdout.contains(word) && script.stdout.contains(" \(Completer.word) "))
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

    /// What is offered at the end of a line; a blank at its end begins a new word.
    private func offered(_ line: String, _ harness: CommandHarness = CommandHarness()) async -> [String] {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let result = await harness.run([Completer.word] + words)
        #expect(result.status == 0 && result.stderr.isEmpty)
        var lines = result.stdout.split(separator: "\n").map(String.init)
        let answer = lines.popLast() ?? ""
        #expect(answer == ":words" || answer.hasPrefix(":files") && lines.isEmpty)
        return answer == ":words" ? lines.map { String($0.prefix { $0 != "\t" }) } : [answer]
    }

    @Test(arguments: [
        ("cre", ["create"]), ("--profile x cre", ["create"]), ("-q --json lis", ["list", "listen"]),
        ("--profile=x --server https://h whoa", ["whoami"]), ("config ", ["get", "set", "unset", "list", "path"]),
        ("config --json se", ["set"]), ("voice s", ["signal", "status", "stop"]), ("frob ", []), ("config frob ", []),
        ("help cre", ["create"]), ("help e", ["edit", "environment", "exit-codes"]), ("-q help out", ["output"]),
        ("help voice r", ["run"]), ("help create ", []), ("help exit-codes ", []), ("help frob ", []),
    ])
    func `completion offers commands and topics`(line: String, words: [String]) async {
        #expect(await offered(line) == words)
    }

    @Test(arguments: [
        ("create --vis", ["--visibility"]), ("create --visibility ", ["invite-only", "friends"]),
        ("create --visibility=f", ["--visibility=friends"]), ("whoami --js", ["--json"]), ("--js", ["--json"]),
        ("create --voice --vo", []), ("create --invite a --inv", ["--invite"]), ("voice signal --type a", ["answer"]),
        ("--color a", ["auto", "always"]), ("voice run -- --js", [":files"]), ("create --name ", []),
        ("listen --type member.", ["member.joined", "member.left", "member.updated"]),
        ("listen --type member.joined --type par", ["party.created", "party.updated", "party.deleted"]),
        ("listen --type stream.", []), ("create --listen --type own", ["owner.changed"]),
        ("listen --lifecycle --type stream.r", ["stream.ready", "stream.resynced"]), ("replay x --speed ", ["max"]),
        ("listen --record ", [":files"]), ("--ca-file ", [":files pem crt"]), ("redact ", [":files"]),
        ("redact x ", []),
        ("voice answer --sdp ", [":files sdp json"]), ("login --npsso ", ["-"]), ("api P", ["POST", "PUT", "PATCH"]),
        ("api GET ", []), ("completions f", ["fish"]), ("show -- cur", ["current"]),
    ])
    func `completion offers options and their values`(line: String, words: [String]) async {
        #expect(await offered(line) == words)
    }

    @Test(arguments: [
        ("config set col", ["color"]), ("config set color ", ["auto", "always", "never"]),
        ("config set tls.fetch-issuers n", ["never"]), ("config set ca-file ", [":files pem crt"]),
        ("config set client-secret ", ["-"]), ("config set voice.link-delay ", ["600ms"]), ("config set frob ", []),
        ("config get hosts.w", ["hosts.web"]), ("config set --profile x color al", ["always"]),
        ("config set color auto ", []),
    ])
    func `completion offers configuration keys and their values`(line: String, words: [String]) async {
        #expect(await offered(line) == words)
    }

    @Test func `profiles, parties and friends are completed from local files, without a request`() async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        await harness.signIn()
        await harness.signIn(1, profile: "bob")
        let id = String(await harness.run("create", "--profile", "bob").stdout.dropLast())
        _ = await harness.run("friends")
        await harness.world.service.clearRequests()
        for line in ["whoami --profile ", "--profile ", "config set profile "] {
            #expect(await offered(line, harness) == ["bob", "default"])
        }
        #expect(await offered("--profile=b", harness) == ["--profile=bob"])
        #expect(await offered("show ", harness) == ["current"])
        for line in ["show --profile bob ", "--profile=bob show ", "--profile bob listen --party "] {
            #expect(await offered(line, harness) == ["current", id])
        }
        #expect(await offered("invite psparty-user-b ps", harness) == ["psparty-user-b", "psparty-user-c"])
        #expect(await offered("create --invite=psparty-user-c", harness) == ["--invite=psparty-user-c"])
        #expect(await offered("invite --profile bob ", harness) == ["me"])
        #expect(await harness.world.service.requests().isEmpty)
        try folder.put("sever = 'x'\n", "config/config.toml")
        #expect(await offered("whoami --profile ", harness) == ["bob", "default"])
        #expect(await offered("show ", harness) == ["current"])
    }

    /// A script must not be answered with something else than words, whatever stands on the line.
    @Test(arguments: [
        "", "-", "--", "--profile", "--=", "--profile= --json= ", "help help help ", "- - -", "config -- ", "-x ",
        "\u{1B}[2J ",
    ])
    func `the completer answers every line`(line: String) async {
        let result = await CommandHarness().run([Completer.word] + line.split(separator: " ").map(String.init))
        #expect(result.status == 0 && result.stderr.isEmpty && result.stdout.hasSuffix("\n"))
        #expect(await CommandHarness().run(Completer.word).status == 0)
    }
}
