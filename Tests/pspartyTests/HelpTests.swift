import ArgumentParser
import Foundation
import PartyCore
import PartyTestSupport
import Testing

@testable import psparty

/// The pages of help, and the examples on them.
@Suite struct HelpTests {
    /// Every command and group, by its path.
    static let paths: [[String]] = {
        func paths(of path: [String], _ command: any ParsableCommand.Type) -> [[String]] {
            [path]
                + command.configuration.subcommands.flatMap { next in
                    paths(of: path + [next.configuration.commandName ?? ""], next)
                }
        }
        return paths(of: [], Psparty.self)
    }()

    @Test(arguments: paths) func `each command has an abstract, a usage line and two to four examples`(path: [String])
        throws
    {
        let page = try #require(CommandPage(path))
        #expect(!page.abstract.isEmpty)
        #expect(page.usage.allSatisfy { $0.hasPrefix((["psparty"] + path).joined(separator: " ")) })
        #expect((2...4).contains(page.examples.count))
        for example in page.examples {
            #expect(!example.purpose.hasSuffix(".") && example.purpose.first?.isLowercase == true, "\(example)")
            #expect(example.line.contains("psparty"))
            #expect(example.line.count <= 112, "\(example.line)")
        }
        // An example of a command shows that command.
        let isGroup = !page.groups.isEmpty
        if !isGroup {
            #expect(page.examples.allSatisfy { $0.line.contains("psparty " + path.joined(separator: " ")) })
        }
        for parameter in page.parameters { #expect(!parameter.abstract.isEmpty, "\(path) \(parameter.label)") }
        #expect(page.statuses.map(\.status).contains(.success))
    }

    @Test func `the parser understands each example as a shell passes it`() async throws {
        let folder = try ScratchFolder()
        for file in [
            "redirect.txt", "party.gz", "body.json", "payloads.txt", "signals.jsonl", "ours.txt", "theirs.txt",
            "offer.sdp", "answer.sdp",
        ] { try folder.put("", file) }
        for path in Self.paths {
            for example in try #require(CommandPage(path)).examples {
                let calls = try Self.calls(of: example.line, in: folder)
                #expect(!calls.isEmpty, "\(example.line)")
                for words in calls {
                    let ordered = ArgumentOrder(words, root: Psparty.self).words
                    let command = try Psparty.parseAsRoot(ordered)
                    #expect(command is any RunnableCommand, "\(example.line)")
                }
            }
        }
    }

    /// The arguments of each `psparty` that a shell runs for the line.
    private static func calls(of line: String, in folder: ScratchFolder) throws -> [[String]] {
        let stub = #"psparty() { printf '%s\0' "$@" >> calls; printf '\n\0' >> calls; }; HOME=$PWD; "#
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/bash")
        // What the line adds to a shell's own file runs as well.
        shell.arguments = [
            "-c", stub + line + "; for file in .bashrc .zshrc; do [ ! -f $file ] || . ./$file; done; rm -f .*shrc",
        ]
        shell.currentDirectoryURL = URL(filePath: folder.path)
        shell.standardInput = FileHandle.nullDevice
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        let file = URL(filePath: folder("calls"))
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        try FileManager.default.removeItem(at: file)
        return text.components(separatedBy: "\0").dropLast().split(omittingEmptySubsequences: false) { $0 == "\n" }
            .dropLast().map(Array.init)
    }

    @Test(arguments: [
        [], ["create"], ["join"], ["config"], ["config", "set"], ["voice", "run"], ["options"], ["environment"],
        ["exit-codes"], ["output"], ["filters"],
    ])
    func `a help page equals its golden`(words: [String]) async {
        let result = await CommandHarness().run(["help"] + words)
        #expect(result.status == 0 && result.stderr.isEmpty)
        #expect(result.stdout.split(separator: "\n").allSatisfy { String($0).columns <= 80 || $0.hasPrefix("  $ ") })
        expectGolden(result.stdout, "help.\(words.isEmpty ? "psparty" : words.joined(separator: "-")).txt")
    }

    @Test(arguments: [
        ("create --help", "help create"), ("--help create", "help create"), ("create -h", "help create"),
        ("create -qh", "help create"), ("-q create --help", "help create"), ("config --help", "help config"),
        ("config", "help config"), ("config set --help", "help config set"), ("--help", "help"), ("-h", "help"),
        ("", "help"),
        ("join --from me --help", "help join"), ("create --max-members x --help", "help create"),
        ("help --help", "help help"), ("help create --json", "create --help --json"),
    ])
    func `help is the same however it is asked for`(line: String, other: String) async {
        func page(_ line: String) async -> CommandResult {
            await CommandHarness().run(line.split(separator: " ").map(String.init))
        }
        let (asked, expected) = (await page(line), await page(other))
        #expect(asked.status == 0)
        #expect(asked.stdout == expected.stdout && !asked.stdout.isEmpty)
    }

    @Test func `the command's own options stand before those of every command`() throws {
        let help = try #require(CommandPage(["create"])).text(Style(false, .never, [:]))
        let own = try #require(help.range(of: "--visibility")).lowerBound
        let section = try #require(help.range(of: "--no-reconnect")).lowerBound
        let common = try #require(help.range(of: "\nCOMMON OPTIONS\n")).lowerBound
        let profile = try #require(help.range(of: "--profile NAME")).lowerBound
        #expect(own < section && section < common && common < profile)
    }

    @Test func `a narrow terminal gets shorter lines, a coloured one bold headings`() throws {
        let page = try #require(CommandPage(["listen"]))
        let narrow = page.text(Style(true, .never, [:], columns: 50))
        #expect(
            narrow.split(separator: "\n").allSatisfy {
                String($0).columns <= 50 || $0.hasPrefix("  $ ") || $0.hasPrefix("  # ")
            })
        #expect(page.text(Style(true, .always, [:])).contains("\u{1B}[1mUSAGE\u{1B}[0m\n"))
    }

    @Test func `the topic on the environment names every variable that is read as a setting`() {
        let help = HelpTopic.environment.text(Style(false, .never, [:]))
        let names = ConfigKey.allCases.compactMap(\.variable) + Configuration.secretVariables
        for name in names { #expect(help.contains(name), "\(name)") }
    }

    @Test func `every exit status has its line, with the codes of its errors`() {
        let help = HelpTopic.exitCodes.text(Style(false, .never, [:])).replacing("\n       ", with: " ")
        for status in ExitStatus.allCases {
            let line = help.split(separator: "\n").first { $0.hasPrefix("  \(status.rawValue) ") }
            for code in Failure.codes(of: status) { #expect(line?.contains(code) == true, "\(status) \(code)") }
        }
    }

    @Test func `every type of event is explained, and documented`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/json-output.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for type in EventFilter.knownTypes {
            #expect(!EventMeaning.words(type).isEmpty, "\(type)")
            #expect(text.contains("`\(type)`"), "\(type)")
        }
    }

    @Test func `the page on the configuration shows the lines of the completions`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for example in Completions.examples { #expect(text.contains("\n\(example.line)\n"), "\(example.line)") }
    }

    @Test(arguments: [
        (["create", "--max-members", "99"], "usage: psparty create [options]\n"),
        (["join"], "usage: psparty join PARTY [options]\n       psparty join --from USER"),
        (["config", "set", "color"], "usage: psparty config set KEY VALUE [options]\n"),
        (["voice", "answer"], "usage: psparty voice answer --sdp FILE|- [options]\n"),
        (["invite"], "usage: psparty invite USER… [options]\n"),
        (["show", "--frob"], "usage: psparty show [PARTY] [options]\n"),
        (["voice", "run"], "usage: psparty voice run [PARTY] [options] -- ENGINE [ARG…]\n"),
    ])
    func `wrong usage shows how the command is written, before the hint`(words: [String], usage: String) async {
        let result = await CommandHarness().run(words)
        #expect(result.status == 64)
        #expect(result.stderr.contains("\n" + usage), "\(result.stderr)")
        #expect(result.stderr.split(separator: "\n").last?.hasPrefix("hint: ") == true)
        let json = await CommandHarness().run(words + ["--json"])
        #expect(!json.stderr.contains("usage: "))
    }

    @Test(arguments: [
        ("envronment", "did you mean environment?"), ("crate", "did you mean create?"), ("frob", "see `psparty help`"),
    ])
    func `help for an unknown word names a similar one`(word: String, hint: String) async {
        let result = await CommandHarness().run("help", word)
        #expect(result.status == 64)
        #expect(result.stderr == "psparty: unknown command \(word)\nhint: \(hint)\n")
    }

    @Test(arguments: [
        (["create", "--help"], false), (["-h"], false), (["voice", "run", "--", "engine", "--help"], true),
    ])
    func `help loads no library`(words: [String], usesNetwork: Bool) {
        #expect(CLI.usesNetwork(words) == usesNetwork)
    }
}
