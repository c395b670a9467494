import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// Leftovers of a kill, and the data that child programs and terminals get.
    struct LeftoverTests {
        private static let id = "11111111-2222-4333-8444-555555555555"

        /// The leftovers of a process that was killed between writing a new file and renaming it.
        private func plant(_ lab: Lab) throws -> [String] {
            let folder = lab.scratch("state/profiles/default")
            let paths = ["", lab.accountFolder() + "/"].flatMap { part in
                ["credentials.json", "voice.json"].map { "\(folder)/\(part).\($0).\(Self.id)" }
            }
            _ = try lab.scratch.folder("state/profiles/default/" + lab.accountFolder())
            for path in paths { try lab.tokenBytes().write(to: URL(fileURLWithPath: path)) }
            return paths
        }

        @Test func `the next run that takes a lock, and logout, remove leftovers of a kill`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                for words in [["friends"], ["login", "--npsso", "-"], ["logout"]] {
                    let planted = try plant(lab)
                    if words == ["friends"] { try lab.expireToken() }
                    let program = try lab.start(words)
                    program.write(lab.npsso(0) + "\n")
                    program.closeInput()
                    #expect(try await program.end().status == 0, "\(words)")
                    for path in planted { #expect(!FileManager.default.fileExists(atPath: path), "\(words)") }
                }
                let left = try lab.scratch.permissions().keys.filter { $0.hasPrefix("state/profiles/default/") }
                for name in left {
                    guard let bytes = FileManager.default.contents(atPath: lab.scratch(name)) else { continue }
                    #expect(!String(decoding: bytes, as: UTF8.self).contains("oken\":"), "\(name)")
                }
                #expect(!left.contains { $0.contains("/.") }, "\(left)")
            }
        }

        /// The kill must fall into a short moment: an attempt that was too early or too late is repeated. The service keeps the
        /// refresh token: a kill between a rotation and its save would end the sign-in, which no file can prevent.
        @Test func `a kill during a save loses nothing, and the next run removes its leftovers`() async throws {
            try await Lab.run(scenario: #"{"refreshToken":"same"}"#) { lab in
                try await lab.login()
                let folder = lab.scratch("state/profiles/default")
                func leftovers() throws -> [String] {
                    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".") }
                }
                var isCaught = false
                for _ in 0..<100 where !isCaught {
                    try lab.expireToken()
                    let program = try lab.start(["token"])
                    let deadline = ContinuousClock.now + .milliseconds(500)
                    while try leftovers().isEmpty, ContinuousClock.now < deadline {}
                    program.signal(SIGKILL)
                    _ = try await program.end()
                    isCaught = try !leftovers().isEmpty
                }
                #expect(isCaught)
                #expect(try await lab.psparty("friends").status == 0)
                #expect(try leftovers() == [])
            }
        }

        @Test func `config set removes leftovers of the config file, and nothing else`() async throws {
            try await Lab.run { lab in
                _ = try lab.scratch.folder("config")
                let planted = try lab.scratch.write("client-secret = \"x\"", to: "config/.config.toml.\(Self.id)")
                let other = try lab.scratch.write("", to: "config/.bashrc.\(Self.id)")
                #expect(try await lab.psparty("config", "set", "color", "never").status == 0)
                #expect(!FileManager.default.fileExists(atPath: planted))
                #expect(FileManager.default.fileExists(atPath: other))
            }
        }

        @Test func `logout removes bridge tokens, reports it, and keeps the message numbers`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let id = try await lab.psparty("create").stdout.dropLast()
                #expect(try await lab.psparty("voice", "offer").status == 0)
                let ledger = lab.scratch("state/profiles/default/\(lab.accountFolder())/voice.json")
                #expect(try String(contentsOfFile: ledger, encoding: .utf8).contains(#"Token":""#))
                let result = try await lab.psparty("logout")
                #expect(result.status == 0)
                #expect(result.stderr.contains("voice of party \(id) stays open until the service closes it"))
                #expect(try !String(contentsOfFile: ledger, encoding: .utf8).contains("oken"))
            }
        }

        @Test func `a program of --exec uses the profile of its listen and gets no secret`() async throws {
            try await Lab.run { lab in
                try await lab.login(1, profile: "bob")
                let script = "#!/bin/sh\n\(Lab.psparty) whoami >\"$OUT\" 2>&1\nenv >>\"$OUT\"\n"
                let program = try lab.scratch.write(script, to: "on-event")
                try lab.scratch.setMode("on-event", to: 0o755)
                var variables = ["OUT": lab.scratch("out"), "PSPARTY_NPSSO": lab.npsso(0), "PSPARTY_SERVER": ""]
                variables["PSPARTY_CA_FILE"] = ""
                let listener = try lab.start(
                    [
                        "listen", "--count", "1", "--exec", program, "--profile", "bob", "--server", lab.server,
                        "--ca-file",
                        lab.caFile,
                    ], variables: variables)
                try await lab.listening("1000000000000000002")
                try await lab.psparty("create", "--profile", "bob")
                #expect(try await listener.end().status == 0)
                let told = try String(contentsOfFile: lab.scratch("out"), encoding: .utf8).split(separator: "\n")
                #expect(told.first == "psparty-user-b")
                for secret in ["PSPARTY_NPSSO", "PSPARTY_CLIENT_SECRET", "PSPARTY_ACCESS_TOKEN"] {
                    #expect(!told.contains { $0.hasPrefix(secret) })
                }
            }
        }

        @Test func `JSON and raw responses on a terminal contain no control character`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let name = "a\u{9B}31m\u{202E}b"
                let id = try await lab.psparty("create", "--name", name).stdout.dropLast()
                for words in [
                    ["show", "--json"],
                    [
                        "api", "GET", "/api/sessionManager/v2/partySessions?view=v3", "-H",
                        "X-PSN-SESSION-MANAGER-SESSION-IDS: \(id)",
                    ],
                ] {
                    let terminal = try PseudoTerminal(rows: 30, columns: 200)
                    defer { terminal.close() }
                    var environment = RunningProgram.Environment()
                    environment.variables = lab.variables
                    environment.output = .file(terminal.path)
                    let program = try lab.start(program: [Lab.psparty] + words, in: environment)
                    #expect(try await program.end().status == 0)
                    try await eventually(.seconds(10), "the name as escapes") {
                        terminal.lines.joined().contains(#"a\u009b31m\u202eb"#)
                    }
                    #expect(terminal.view.unknown.isEmpty)
                }
            }
        }

        @Test func `an error after the simulator stopped names the simulator, not its CA file`() async throws {
            try await Lab.run { lab in
                let token = try await lab.token()
                let server = "https://127.0.0.1:\(try unusedPort())"
                for caFile in [lab.caFile, lab.scratch("gone.pem")] {
                    let result = try await lab.psparty(
                        "create",
                        variables: ["PSPARTY_ACCESS_TOKEN": token, "PSPARTY_SERVER": server, "PSPARTY_CA_FILE": caFile])
                    #expect(result.status == 7)
                    #expect(result.stderr.contains("the simulator at \(server) does not answer"), "\(result.stderr)")
                    #expect(result.stderr.contains("hint: start it with `eval \"$(psparty-sim --daemon)\"`"))
                    #expect(!result.stderr.contains("CA file") && !result.stderr.contains("pem"))
                }
            }
        }

        @Test func `a hint about a simulator with its own state folder names the folder`() async throws {
            try await Lab.run { lab in
                let folder = lab.scratch("own folder")
                let started = try lab.start(program: [Lab.simulator, "--daemon", "--state", folder])
                let exports = try await started.end()
                try #require(exports.status == 0, "\(exports.stderr)")
                let stopped = try lab.start(program: [Lab.simulator, "stop", "--state", folder])
                #expect(try await stopped.end().status == 0)
                let script = exports.stdout + "exec \"$0\" list"
                let result = try await lab.start(program: ["sh", "-c", script, Lab.psparty]).end()
                #expect(
                    result.stderr.contains("`eval \"$(psparty-sim --daemon --state '\(folder)')\"`"), "\(result.stderr)"
                )
            }
        }

        @Test func `a stream whose simulator stops ends with status 7`()
            async throws
        {
            try await Lab.run { lab in
                let folder = lab.scratch("daemon")
                let daemon = try lab.start(program: [Lab.simulator, "--daemon", "--state", folder])
                let exports = try await daemon.end()
                try #require(exports.status == 0, "\(exports.stderr)")
                let script =
                    exports.stdout + #"printf '%s\n' "$PSPARTY_SIM_NPSSO_A" | "$0" login --npsso - >&2"#
                    + "\nexec \"$0\" listen --lifecycle"
                let listen = try lab.start(program: ["sh", "-c", script, Lab.psparty])
                while let line = try await listen.line(), !line.contains("stream.ready") {}
                let stop = try lab.start(program: [Lab.simulator, "stop", "--state", folder])
                #expect(try await stop.end().status == 0)
                let result = try await listen.end(within: .seconds(30))
                #expect(result.status == 7, "\(result.stderr)")
                #expect(result.stderr.contains("does not answer: the sign-in of profile default was removed"))
                #expect(result.stderr.contains("hint: start it with `eval \"$(psparty-sim --daemon --state"))
            }
        }

        @Test func `the TLS error of a restarted simulator has a hint`() async throws {
            try await Lab.run { lab in
                let restarted = try lab.start(program: [Lab.simulator, "--json"])
                let announcement = try JSON(try #require(try await restarted.line()))
                let variables = [
                    "PSPARTY_ACCESS_TOKEN": try await lab.token(),
                    "PSPARTY_SERVER": try #require(announcement["server"].string),
                ]
                let result = try await lab.psparty("list", variables: variables)
                #expect(result.status == 7)
                #expect(
                    result.stderr.contains(
                        "hint: if the simulator was restarted, load its variables with `eval \"$(psparty-sim status)\"`"
                    ),
                    "\(result.stderr)")
                restarted.signal(SIGTERM)
                _ = try await restarted.end()
            }
        }

        @Test func `without a sign-in the error names the stopped simulator too`() async throws {
            try await Lab.run { lab in
                let server = "https://127.0.0.1:\(try unusedPort())"
                let result = try await lab.psparty("list", variables: ["PSPARTY_SERVER": server])
                #expect(result.status == 4)
                #expect(result.stderr.contains("hint: the simulator at \(server) does not answer: start it with"))
                let answering = try await lab.psparty("list")
                #expect(!answering.stderr.contains("simulator"))
            }
        }

        @Test
        func `a missing CA file is reported, and a silent server is no stopped simulator`()
            async throws
        {
            try await Lab.run { lab in
                let token = ["PSPARTY_ACCESS_TOKEN": try await lab.token()]
                let missing = try await lab.psparty("create", "--ca-file", lab.scratch("gone.pem"), variables: token)
                #expect(missing.status == 78)
                #expect(missing.stderr.contains("gone.pem") && !missing.stderr.contains("simulator"))
                try await lab.fault("partySessions", #"{"kind":"reset"}"#, times: 0)
                let reset = try await lab.psparty("show", Self.id, variables: token)
                #expect(reset.status == 7)
                #expect(!reset.stderr.contains("simulator"), "\(reset.stderr)")
            }
        }

        /// A port without a listener: it was free a moment ago.
        private func unusedPort() throws -> UInt16 {
            let listener = try LoopbackListener.silent()
            defer { listener.stop() }
            return listener.port
        }
    }
}
