import ArgumentParser
import Foundation
import PartyCore
import PartySimulator
import PartyTestSupport
import Testing

@testable import psparty

@Suite struct ConfigCommandTests {
    private static let file = "config/config.toml"
    /// Without variables that would override the file.
    private static let bare = ["PSPARTY_SERVER": "", "PSPARTY_CLIENT_ID": "", "PSPARTY_CLIENT_SECRET": ""]

    @Test func `set, get, unset and path work on one file, kept private`() async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        let path = await harness.run("config", "path")
        #expect(path.stdout == folder(Self.file) + "\n")
        #expect(try folder.names().isEmpty)
        #expect(
            await harness.run("config", "set", "color", "never") == CommandResult(stdout: "", stderr: "", status: 0))
        #expect(try folder.read(Self.file) == "color = \"never\"\n")
        #expect(try folder.permissions()[Self.file] == 0o600)
        #expect(try folder.permissions()["config"] == 0o700)
        #expect(await harness.run("config", "get", "color").stdout == "never\n")
        let json = await harness.run("config", "get", "color", "--json")
        #expect(json.stdout == "{\"key\":\"color\",\"value\":\"never\",\"source\":\"file\"}\n")
        #expect(await harness.run("config", "unset", "color").status == 0)
        #expect(try folder.read(Self.file) == "")
        #expect(await harness.run("config", "get", "ca-file").status == 3)
        #expect(try folder.names().filter { $0.hasPrefix("config/") } == [Self.file, Self.file + ".lock"])
    }

    @Test func `list prints each value and its source, and no secret`() async throws {
        let folder = try ScratchFolder()
        try folder.put("server = 'https://192.0.2.9'\nuser-agent = 'mine'\nclient-secret = 'geheim'\n", Self.file)
        let harness = CommandHarness(folder: folder)
        let variables = ["PSPARTY_CLIENT_SECRET": ""]
        let json = await harness.run("config", "list", "--json", "--profile", "bob", variables: variables)
        expectGolden(json.stdout, "config.list.json")
        #expect(!json.stdout.contains("geheim"))
        let text = await harness.run("config", "list", "--profile", "bob", terminal: true, variables: variables)
        expectGolden(text.stdout, "config.list.txt")
        #expect(await harness.run("config", "get", "client-secret", variables: variables).stdout == "geheim\n")
    }

    @Test func `an option beats a variable, which beats the file, which beats the default`() async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        func profile(_ options: String..., variable: String = "") async -> String {
            await harness.run(["config", "get", "profile"] + options, variables: ["PSPARTY_PROFILE": variable]).stdout
        }
        #expect(await profile() == "default\n")
        try folder.put("profile = 'file'\n", Self.file)
        #expect(await profile() == "file\n")
        #expect(await profile(variable: "variable") == "variable\n")
        #expect(await profile("--profile", "option", variable: "variable") == "option\n")
        let overridden = await harness.run("config", "set", "profile", "x", variables: ["PSPARTY_PROFILE": "y"])
        #expect(overridden.stderr == "psparty: PSPARTY_PROFILE is set and overrides the config file\n")
    }

    @Test func `server and OAuth client may come from the file, and it must be private then`() async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        let service = harness.world.service
        try folder.put("server = '\(InProcessTransport.origin)'\nclient-id = '\(service.clientId)'\n", Self.file)
        let secret = await harness.run(
            "config", "set", "client-secret", "-", input: [service.clientSecret], variables: Self.bare)
        #expect(secret == CommandResult(stdout: "", stderr: "", status: 0))
        let login = await harness.run(
            "login", "--npsso", "-", input: [service.accounts[0].npsso], variables: Self.bare)
        #expect(login == CommandResult(stdout: "psparty-user-a\n", stderr: "", status: 0))
        try folder.setMode(Self.file, to: 0o644)
        let open = await harness.run("whoami", variables: Self.bare)
        #expect(open.status == 78)
        #expect(open.stderr.contains("chmod 600 '\(folder(Self.file))'"))
        try folder.put("color = 'never'\n", Self.file, mode: 0o644)
        #expect(await harness.run("whoami").status == 0)
        try folder.setMode(Self.file, to: 0o664)
        #expect(await harness.run("whoami").stderr.contains("can be changed by others"))
    }

    @Test(arguments: [
        ["set", "sever", "x"], ["set", "color", "pink"], ["set", "color", ""], ["set", "client-secret", "geheim"],
        ["set", "server", "http://192.0.2.1"], ["set", "hosts.web", "https://192.0.2.1/path"],
        ["set", "ca-file", "a.pem"], ["set", "profile", "../x"], ["set", "user-agent", "a\nb"],
        ["set", "redirect-uri", "nowhere"], ["get", "sever"], ["set", "color"],
    ])
    func `a key or value that cannot be used is wrong usage, and nothing is written`(words: [String]) async throws {
        let folder = try ScratchFolder()
        let result = await CommandHarness(folder: folder).run(["config"] + words)
        #expect(result.status == 64)
        #expect(result.stdout.isEmpty && !result.stderr.contains("geheim"))
        #expect(try folder.names().isEmpty)
    }

    @Test func `a value from standard input is checked as well`() async throws {
        let harness = CommandHarness(folder: try ScratchFolder())
        #expect(await harness.run("config", "set", "color", "-", input: ["pink"]).status == 65)
        #expect(await harness.run("config", "set", "color", "-", input: []).status == 65)
    }

    @Test func `a broken file fails the commands that read it, and can be repaired`() async throws {
        let folder = try ScratchFolder()
        try folder.put("# one\n\nsever = \"x\"\n", Self.file)
        let harness = CommandHarness(folder: folder)
        for command in [["whoami"], ["config", "list"], ["config", "get", "color"], ["list"]] {
            let result = await harness.run(command)
            #expect(result.status == 78)
            #expect(
                result.stderr
                    == "psparty: config.toml line 3: unknown key \"sever\"\nhint: did you mean server?\n")
        }
        let json = await harness.run("whoami", "--json")
        #expect(json.stderr.hasPrefix("{\"error\":{\"code\":\"config\",\"message\":\"config.toml line 3: "))
        for command in [["--version"], ["--help"], ["config", "path"], ["completions", "bash"]] {
            #expect(await harness.run(command).status == 0)
        }
        #expect(await harness.run("config", "unset", "color").status == 0)
        #expect(await harness.run("config", "unset", "sverr").status == 3)
        #expect(await harness.run("config", "unset", "sever").status == 0)
        #expect(try folder.read(Self.file) == "# one\n\n")
        #expect(await harness.run("config", "list").status == 0)
    }

    @Test func `a symbolic link stays a link, and a dry run writes nothing`() async throws {
        let folder = try ScratchFolder()
        try folder.put("# mine\n", "dotfiles/psparty.toml")
        try folder.put("", "config/other")
        try folder.link(Self.file, to: "dotfiles/psparty.toml")
        let harness = CommandHarness(folder: folder)
        #expect(await harness.run("config", "set", "color", "always", "--dry-run").status == 0)
        #expect(try folder.read("dotfiles/psparty.toml") == "# mine\n")
        #expect(await harness.run("config", "set", "color", "always").status == 0)
        #expect(try folder.read("dotfiles/psparty.toml") == "# mine\ncolor = \"always\"\n")
    }

    @Test func `without HOME the path of the file is an error`() async throws {
        let nowhere = ["PSPARTY_CONFIG_HOME": "", "HOME": "", "XDG_CONFIG_HOME": "relative"]
        let harness = CommandHarness()
        #expect(await harness.run("config", "list", variables: nowhere).status == 0)
        for command in [["path"], ["set", "color", "never"]] {
            let result = await harness.run(["config"] + command, variables: nowhere)
            #expect(result.status == 78)
            #expect(result.stderr.contains("PSPARTY_CONFIG_HOME"))
        }
        let shared = nowhere.merging(["XDG_CONFIG_HOME": "/x"]) { $1 }
        #expect(await harness.run("config", "path", variables: shared).stdout == "/x/psparty/config.toml\n")
        let home = nowhere.merging(["HOME": "/h"]) { $1 }
        #expect(await harness.run("config", "path", variables: home).stdout == "/h/.config/psparty/config.toml\n")
    }

    @Test(arguments: [
        ("PSPARTY_SERVER", "http://192.0.2.1"), ("PSPARTY_SERVER", "nonsense"), ("PSPARTY_PROFILE", "../x"),
        ("PSPARTY_CLIENT_ID", "a\nb"), ("PSPARTY_CA_FILE", "a\nb"),
    ])
    func `an invalid variable is named before a request is sent`(name: String, value: String) async {
        let harness = CommandHarness()
        let result = await harness.run("list", variables: [name: value])
        #expect(result.status == 78)
        #expect(result.stderr.hasPrefix("psparty: \(name): "))
        #expect(await harness.world.service.requests().isEmpty)
    }

    @Test func `colour, names and hosts of the file reach the commands`() async throws {
        let folder = try ScratchFolder()
        let harness = CommandHarness(folder: folder)
        for (choice, isColoured) in [("always", true), ("auto", true), ("never", false)] {
            try folder.put("color = '\(choice)'\n", Self.file)
            let list = await harness.run("config", "list", terminal: true)
            #expect(list.stdout.contains("\u{1B}[") == isColoured)
            let overridden = await harness.run("config", "list", "--color", "never", terminal: true)
            #expect(!overridden.stdout.contains("\u{1B}["))
        }
        try folder.put("profile = 'bob'\nuser-agent = 'mine'\nhosts.mobile = 'https://192.0.2.1'\n", Self.file)
        let curl = await harness.run("create", "--dry-run", variables: Self.bare)
        #expect(curl.stdout.contains("'User-Agent: mine'") && curl.stdout.contains("'https://192.0.2.1/api/"))
        #expect(curl.stdout.contains("$(psparty token --profile bob)"))
    }

    @Test(arguments: [1 << 20, (1 << 20) + 1]) func `a huge line is an error`(size: Int) async throws {
        let folder = try ScratchFolder()
        try folder.put(String(repeating: "a", count: size), Self.file)
        let result = await CommandHarness(folder: folder).run("whoami")
        #expect(result.status == 78)
        #expect(result.stderr.count < 1000)
    }

    @Test func `the page on the configuration names every key, variable and file`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let keys = ConfigKey.allCases.map(\.rawValue) + ConfigKey.allCases.compactMap(\.variable)
        for word in keys + StoreItem.allCases.map(\.name) { #expect(text.contains("`\(word)`"), "\(word)") }
    }

    @Test func `each host has its own address, and the push headers are the user's`() throws {
        let text = ConfigText(
            """
            hosts.mobile = "https://192.0.2.1/"
            push.app-type = "T"
            push.os-version = "17"
            """)
        let options = try GlobalOptions.parse([])
        let configuration = try Configuration(options: options, variables: [:], entries: text.entries())
        #expect(configuration.settings.hosts.mobile == "https://192.0.2.1")
        #expect(configuration.settings.hosts.web == ServiceHosts().web)
        #expect(configuration.settings.pushClient.appType == "T")
        #expect(configuration.settings.pushClient.osVersion == "17")
        let served = try Configuration(
            options: options, variables: ["PSPARTY_SERVER": "http://127.0.0.1:1"], entries: text.entries())
        #expect(served.settings.hosts.mobile == "http://127.0.0.1:1")
    }
}
