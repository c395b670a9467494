import ArgumentParser
import Foundation
import PartyCore
import Testing

@testable import psparty

@Suite struct CommandTreeTests {
    @Test func `each file in Commands is registered, and nothing else`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/psparty/Commands")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        let names = files.map { $0.replacing(".swift", with: "").lowercased() }
        #expect(Set(names) == Set(Psparty.configuration.subcommands.map { "\($0)".lowercased() }))
        // A group with a folder of its own has a file for itself and for each of its commands.
        for group in Psparty.configuration.subcommands where files.contains("\(group)") {
            let members = try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: "\(group)").path(percentEncoded: false))
            let commands = group.configuration.subcommands.map { "\($0).swift" }
            #expect(Set(members) == Set(commands + ["\(group).swift"]))
        }
    }

    /// `ArgumentOrder` finds a command by its configured name, not by the name that the parser derives.
    @Test func `each command has its name in its configuration`() {
        func check(_ commands: [any ParsableCommand.Type]) {
            for command in commands {
                #expect(command.configuration.commandName != nil, "\(command)")
                check(command.configuration.subcommands)
            }
        }
        check([Psparty.self])
    }

    /// Property wrappers that conflict fail only when a command is parsed.
    @Test(arguments: [
        "login", "login --npsso -", "login --code - --json", "logout", "whoami -q", "token", "friends --online",
        "create", "create --name x --visibility friends --max-members 2 --voice --device-id --invite a --invite 1",
        "show --follow", "show current --follow --json --write x --timeout 1h --max-reconnect 3",
        "listen --watch-visible 30s --type party.visible --from me",
        "list", "show", "show -", "show current", "join -", "join --from psparty-user-b --wait --timeout 10m --voice",
        "leave",
        "edit --name x", "edit current --visibility invite-only --max-members 16", "invite me - --party current",
        "invitations", "link", "api get /x -H a:b --data -", "listen",
        "listen --party current --type 'member.*' --from me --count 1 --timeout 500ms --raw --lifecycle --max-frame 64k",
        "listen --snapshot --exec ./x --record y.gz", "replay x", "replay - --speed max --from-seq 3 --raw --exec x",
        "replay x --speed 2.5 --party current --type 'member.*' --from me --count 1 --lifecycle --snapshot", "redact -",
        "listen --max-reconnect 3", "listen --max-reconnect 10m", "listen --no-reconnect",
        "create --listen --leave --count 1 --timeout 1h --snapshot --lifecycle --type 'member.*' --exec true",
        "join --from psparty-user-b --wait --timeout 10m --listen --raw --max-reconnect 3",
        "join current --listen --timeout 1h",
        "watch", "watch current --timeout 10m --json --no-reconnect",
        "voice run -- engine", "voice run current --no-bridge --engine-timeout 5s -- engine --tone 440",
        "voice offer", "voice offer current --json", "voice answer --sdp -", "voice status", "voice stop",
        "voice signal --to me --type offer --sdp x", "voice status --json -q",
        "voice signal --to 1 --type answer --sdp - --party current --platform PS5 --plain --json",
        "signal decode", "signal decode --json", "signal encode --plain", "signal diff a b", "signal diff - b --json",
        "config get server", "config set server https://h", "config set client-secret -", "config unset server",
        "config list", "config path --json", "completions bash",
        "doctor", "doctor --json --bundle x",
        "show --profile p --json --quiet --dry-run --color never --server https://h --ca-file f",
    ])
    func `the shortest and the longest form of each command is parsed`(line: String) throws {
        let words = line.split(separator: " ").map { String($0.filter { $0 != "'" }) }
        #expect(try Psparty.parseAsRoot(words) is any RunnableCommand)
    }

    @Test(arguments: [
        ("--json show current", "show --json current"), ("--profile p show", "show --profile p"),
        ("--profile=p -q show x", "show --profile=p -q x"), ("show --json", "show --json"),
        ("--json", ""), ("--json --unknown show", "--unknown show"), ("--json frob x", "frob x"),
        ("frob --json", "frob --json"),
        ("--help", "--help"), ("help show", "help show"), ("show -- --json", "show -- --json"),
        ("--json config -q list", "config list --json -q"), ("-q voice --json status", "voice status -q --json"),
    ])
    func `options before a command's name are moved behind it`(line: String, expected: String) {
        let words = line.split(separator: " ").map(String.init)
        #expect(ArgumentOrder(words, root: Psparty.self).words.joined(separator: " ") == expected)
    }

    @Test(arguments: [
        ("create --dry-run", true), ("-q list", true), ("--json voice status", true), ("frob", true), ("whoami", false),
        ("-v config get server", false), ("--version", false), ("-q --help", false), ("help create", false),
        ("completions bash", false), ("signal encode", false), ("", false),
    ])
    func `libcurl is loaded early only for commands that send requests`(line: String, isReady: Bool) {
        #expect(CLI.usesNetwork(line.split(separator: " ").map(String.init)) == isReady)
    }

    @Test func `the words without network are commands or help pages`() throws {
        for word in CLI.localWords where !word.hasPrefix("-") && word != Completer.word {
            #expect(ArgumentOrder([word], root: Psparty.self).command != nil, "\(word)")
        }
    }

    @Test(arguments: [
        ("500ms", 500), ("30s", 30_000), ("10m", 600_000), ("2h", 7_200_000), ("5", 5000), ("1.5", 1500), ("0", 0),
    ])
    func `durations are read with their units`(text: String, milliseconds: Int64) {
        #expect(DurationArgument(argument: text)?.duration == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "s", "-1s", "1d", "1 s", "1e3", "0x10", "+1", "1.", ".5", "1,5", "99999999999999h", "١s"])
    func `other texts are not durations`(text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test(arguments: [("64k", 65_536), ("1m", 1_048_576), ("1M", 1_048_576), ("5", 5)])
    func `sizes are read with their units`(text: String, bytes: Int) {
        #expect(SizeArgument(argument: text)?.bytes == bytes)
        for wrong in ["", "k", "-1", "+1", "1.5m", "0", "2g", "9999999999999999999g", "1kb"] {
            #expect(SizeArgument(argument: wrong) == nil, "\(wrong)")
        }
    }

    @Test func `a user is given as an account id, an online id or me`() {
        #expect(UserArgument(argument: "ME")?.reference == .me)
        #expect(UserArgument(argument: "1000000000000000001")?.reference == .account(.init(1_000_000_000_000_000_001)))
        #expect(UserArgument(argument: "a_b-1")?.reference == .onlineID("a_b-1"))
        for wrong in ["", "99999999999999999999", "a b", "é", "a/b", "a\n", String(repeating: "a", count: 65)] {
            #expect(UserArgument(argument: wrong) == nil, "\(wrong)")
        }
    }
}
