import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// The examples of help, run against the simulator by a shell.
    struct ExampleTests {
        /// Statuses other than 0 with which a line may end here.
        private static let allowed: [String: Set<Int32>] = [
            // The browser's part is missing: the code that is pasted is none of the service.
            "psparty login": [4], "psparty login --profile work": [4], "psparty login --code - < redirect.txt": [4],
            #"psparty login && psparty create --name "Game night" --invite alice"#: [4],
            // No friend is online, no signal comes, and nothing happens within the time limit of the test.
            "psparty friends --online --json | jq -r '.[].accountId' | psparty invite -": [65],
            "psparty listen --type voice.signal | psparty signal decode": [65],
            "psparty listen --watch-visible 1m --type party.visible --from alice --count 1 --timeout 10m": [8],
        ]

        @Test func `each example of help runs`() async throws {
            try await Lab.run { lab in
                for (account, profile) in ["default", "alice", "bob"].enumerated() {
                    try await lab.login(account, profile: profile)
                }
                try await makeFiles(lab)
                var count = 0
                for path in try await paths(in: [], lab) {
                    try await lab.login()
                    for line in try await help(path, lab)["examples"].array.compactMap(\.["line"].string) {
                        try await prepare(path, lab)
                        let result = try await run(line, path, lab)
                        #expect(
                            result.status == 0 || Self.allowed[line]?.contains(result.status) == true,
                            "\(line): \(result.status) \(result.stderr)")
                        count += 1
                    }
                }
                #expect(count > 80)
            }
        }

        private func help(_ path: [String], _ lab: Lab) async throws -> JSON {
            let help = try lab.start(["help"] + path + ["--json"])
            return try JSON(try await help.end().stdout)
        }

        /// Every command and group.
        private func paths(in path: [String], _ lab: Lab) async throws -> [[String]] {
            var paths = [path]
            for name in try await help(path, lab)["commands"].array.compactMap(\.["name"].string) {
                paths += try await self.paths(in: path + [name], lab)
            }
            return paths
        }

        private func makeFiles(_ lab: Lab) async throws {
            let payload =
                "ver=1.0, type=text, body="
                + #"{"from":{"account_id":"1","platform":5},"to":{"account_id":"2","platform":5},"type":"x"}"# + "\n"
            for file in ["payloads.txt", "ours.txt", "theirs.txt"] { _ = try lab.scratch.write(payload, to: file) }
            for file in ["offer.sdp", "answer.sdp"] { _ = try lab.scratch.write("v=0\r\n", to: file) }
            _ = try lab.scratch.write("{}", to: "body.json")
            _ = try lab.scratch.write("x", to: "redirect.txt")
            for file in ["engine", "on-event"] {
                let path = try lab.scratch.write("#!/bin/sh\nexit 0\n", to: file)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            }
            try await shell("psparty signal decode < payloads.txt > signals.jsonl", lab)
            try await shell("psparty listen --record party.gz --timeout 100ms", lab)
        }

        /// Makes the party, the member or the invitation that the examples of the command are about.
        private func prepare(_ path: [String], _ lab: Lab) async throws {
            switch path.first {
            case "show", "edit", "invite", "link", "leave": try await shell("psparty create", lab)
            case "voice":
                try await shell("psparty join --profile alice $(psparty create)", lab)
                // The example before this one may have put something else there.
                _ = try lab.scratch.write("v=0\r\n", to: "offer.sdp")
            case nil, "join":
                try await shell("psparty create --profile alice --invite psparty-user-a", lab)
            default: break
            }
        }

        /// The line with names of the simulator and with a time limit.
        private func run(_ line: String, _ path: [String], _ lab: Lab) async throws -> ProgramResult {
            var line = line.replacing("alice", with: "psparty-user-b").replacing("bob", with: "psparty-user-c")
            for limit in ["2h", "10m"] { line = line.replacing("--timeout \(limit)", with: "--timeout 300ms") }
            if !line.contains("--timeout") {
                for command in ["listen", "watch"] {
                    line = line.replacing("psparty \(command)", with: "psparty \(command) --timeout 300ms")
                }
                line = line.replacing("--follow", with: "--follow --timeout 300ms")
                if line.contains("--listen") { line += " --timeout 300ms" }
            }
            if line.contains("https://party.playstation.com/") {
                let link = try await lab.psparty("link", "--profile", "alice").stdout
                line = "psparty join \(link)"
            }
            return try await shell(line, lab, isConfiguration: path.first == "config")
        }

        @discardableResult
        private func shell(_ line: String, _ lab: Lab, isConfiguration: Bool = false) async throws -> ProgramResult {
            let programs = (Lab.psparty as NSString).deletingLastPathComponent
            var variables = ["PATH": programs + ":/usr/local/bin:/usr/bin:/bin"]
            // The examples of `config` must not change the others.
            if isConfiguration { variables["PSPARTY_CONFIG_HOME"] = lab.scratch("another-config") }
            var environment = RunningProgram.Environment()
            environment.variables = lab.variables.merging(variables) { $1 }
            environment.directory = lab.scratch.path
            // A file, because most lines read nothing: a write into their pipe could fail.
            environment.input = .file(try lab.scratch.write(lab.npsso(0) + "\n", to: "typed.txt"))
            return try await lab.start(program: ["bash", "-c", line], in: environment).end()
        }
    }
}
