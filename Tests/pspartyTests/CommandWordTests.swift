import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

/// Invalid arguments before the command's name, and invalid names.
@Suite struct CommandWordTests {
    private static let onlyGlobal = "only global options are allowed before the command's name; see `psparty help`"

    @Test(arguments: [
        ("--profile", "--profile needs a value", "write it like `--profile NAME`"),
        ("--profile=", "--profile needs a value", "write it like `--profile NAME`"),
        ("--profile --json", "--profile needs a value", "write it like `--profile NAME`"),
        ("-q --server", "--server needs a value", "write it like `--server https://127.0.0.1:8443`"),
        ("voice --ca-file", "--ca-file needs a value", "write it like `--ca-file FILE`"),
        ("--foo list", "unknown option --foo before the command's name", onlyGlobal),
        ("--foo", "unknown option --foo before the command's name", onlyGlobal),
        ("--count 3 listen", "unknown option --count before the command's name", onlyGlobal),
        ("--porfile bob list", "unknown option --porfile before the command's name", "did you mean --profile?"),
        ("--sever=https://h list", "unknown option --sever before the command's name", "did you mean --server?"),
        ("-x", "unknown option -x before the command's name", onlyGlobal),
        ("-qx list", "unknown option -qx before the command's name", onlyGlobal),
        ("voice --foo status", "unknown option --foo before the command's name", onlyGlobal),
        ("--json=3 list", "--json takes no value", "write --json without a value"),
        ("--dry-run=no create", "--dry-run takes no value", "write --dry-run without a value"),
        ("-- list", "-- was given before the command's name", "leave it out"),
        ("--json", "no command was given with --json", "see `psparty help`"),
        ("--profile list", "no command was given with --profile list", "see `psparty help`"),
        ("voice -q", "no command was given with voice -q", "see `psparty help voice`"),
        ("voice frob", "unknown command frob", "see `psparty help voice`"),
        ("--profile bob crate", "unknown command crate", "did you mean create?"),
    ])
    func `wrong arguments before a command are named`(line: String, words: String, hint: String) async throws {
        let arguments = line.split(separator: " ").map(String.init)
        let harness = CommandHarness()
        let result = await harness.run(arguments)
        #expect(result.status == 64)
        #expect(result.stdout.isEmpty)
        if arguments.contains("--json") {
            #expect(result.stderr.hasPrefix(#"{"error":{"code":"usage","message":"\#(words)""#), "\(result.stderr)")
        } else {
            #expect(result.stderr == "psparty: \(words)\nhint: \(hint)\n")
        }
        #expect(await harness.world.service.requests().isEmpty)
    }

    @Test(arguments: [
        ("list --foo", "--foo"), ("list --profile", "--profile"), ("--profile --json list", "--profile"),
        ("--color purple list", "purple"), ("list --color", "--color"), ("list --json=3", "--json"),
        ("listen --type", "--type"), ("list -x", "-x"), ("list --profile -q", "--profile"),
    ])
    func `wrong arguments behind a command name the option`(line: String, word: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stderr.contains(word), "\(result.stderr)")
    }

    @Test func `an empty command name is refused`() async {
        let result = await CommandHarness().run([""])
        #expect(result.status == 64)
        #expect(result.stderr == "psparty: the command name is empty\nhint: see `psparty help`\n")
    }

    @Test(arguments: [
        [], ["help"], ["--help"], ["-h"], ["--json", "--version"], ["--profile", "x", "--help"], ["voice"],
        ["help", "voice"],
        ["help", "list"], ["voice", "--help"], ["-q", "voice", "--help"], ["list", "--help"],
        ["--generate-completion-script", "bash"],
    ])
    func `a request for help is not reported as wrong`(arguments: [String]) async {
        let result = await CommandHarness().run(arguments)
        #expect(result.status == 0, "\(result.stderr)")
        #expect(!result.stdout.isEmpty)
    }

    @Test func `--json behind -- does not ask for JSON errors`() async {
        let result = await CommandHarness().run("voice", "run", "--engine-timeout", "x", "--", "engine", "--json")
        #expect(result.status == 64)
        #expect(result.stderr.hasPrefix("psparty: "))
    }

    @Test(arguments: [
        ("listen --type stream.*", "matches only lifecycle events; add --lifecycle"),
        ("create --listen --type frame.invalid", "matches only lifecycle events; add --lifecycle"),
        ("listen --lifecycle --raw --type stream.*", "--raw prints only frames"),
        ("listen --lifecycle --type stream.lost --from me", "--party and --from exclude them"),
        ("listen --lifecycle --type stream.lost --party current", "--party and --from exclude them"),
        ("replay x --type Member.Joined", "matches no event type"),
        ("listen --type member.joined --type membr.*", "--type membr.* matches no event type"),
    ])
    func `a filter that can match nothing is wrong usage`(line: String, words: String) async {
        let result = await CommandHarness().run(line.split(separator: " ").map(String.init))
        #expect(result.status == 64)
        #expect(result.stderr.contains(words), "\(result.stderr)")
    }
}
