import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// The built programs with low limits and unusual inherited settings: never a trap, never a hang.
    struct InheritedSettingsTests {
        /// Runs psparty behind some shell commands.
        private func psparty(
            _ lab: Lab, after shell: String, _ words: String..., variables: [String: String] = [:]
        ) async throws -> ProgramResult {
            // The test runner's own files count as well where they are inherited.
            let script = #"for n in {3..99}; do eval "exec $n>&-"; done; "# + shell + #"; exec "$@""#
            let program = try lab.start(
                program: ["bash", "-c", script, "bash", Lab.psparty] + words, variables: variables)
            program.closeInput()
            return try await program.end(within: .seconds(20))
        }

        @Test(arguments: [
            ("ulimit -n 5", "file descriptors"), ("ulimit -n 12", "file descriptors"),
            ("ulimit -n 18", "file descriptors"), ("ulimit -v 300000", "memory"), ("ulimit -d 100000", "memory"),
            ("ulimit -s 200", "stack"),
        ])
        func `a resource limit that is too low is reported with a hint`(shell: String, what: String) async throws {
            try await Lab.run { lab in
                try await lab.login()
                for words in [["listen", "--timeout", "1s"], ["friends", "--json"]] {
                    let result = try await psparty(lab, after: shell, words[0], words[1])
                    #expect(result.status == 70)
                    #expect(result.stderr.contains("too ") && result.stderr.contains(what))
                    #expect(result.stderr.contains("raise the limit"))
                }
            }
        }

        @Test func `a soft limit is raised if possible, and a sufficient one is kept`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                for shell in ["ulimit -n 20", "ulimit -S -n 8", "ulimit -S -s 200", "ulimit -v 500000"] {
                    let listened = try await psparty(lab, after: shell, "listen", "--timeout", "1s")
                    #expect(listened.status == 0, "\(shell): \(listened.stderr)")
                }
            }
        }

        @Test func `a file size limit is a failure with its reason`() async throws {
            try await Lab.run { lab in
                let login = try lab.start(
                    program: ["bash", "-c", #"ulimit -f 0; exec "$@""#, "bash", Lab.psparty, "login", "--npsso", "-"])
                login.write(lab.npsso(0) + "\n")
                login.closeInput()
                let result = try await login.end()
                #expect(result.status == 70)
                #expect(result.stderr.contains("File too large"))
            }
        }

        @Test(arguments: [("libcurl.so.4", "friends"), ("libwebsockets.so.17", "listen")])
        func `a missing library is an error without a crash`(
            library: String, command: String
        ) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let folder = try lab.scratch.folder("libraries")
                try Data().write(to: URL(filePath: folder + "/" + library))
                let result = try await psparty(lab, after: ":", command, variables: ["LD_LIBRARY_PATH": folder])
                #expect(result.status == 78)
                #expect(result.stderr.contains("cannot be loaded"))
                #expect(result.stderr.split(separator: "\n").count <= 2)
            }
        }

        @Test func `with SIGCHLD ignored --exec still gets a status and default signals`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let hook = lab.scratch("hook")
                let text = "#!/bin/sh\ncat >/dev/null\ngrep -E 'SigBlk|SigIgn' /proc/self/status >&2\nexit 3\n"
                try text.write(toFile: hook, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
                let result = try await psparty(
                    lab, after: "trap '' CHLD USR1 PIPE TERM INT", "listen", "--count", "1", "--lifecycle", "--exec",
                    hook)
                #expect(result.stderr.contains("exit status 3"), "\(result.stderr)")
                #expect(result.stderr.contains("SigBlk:\t0000000000000000"))
                // No signal with a name is ignored.
                let ignored = result.stderr.split(separator: "\n").first { $0.hasPrefix("SigIgn:") }?.suffix(8)
                #expect(ignored.flatMap { UInt64($0, radix: 16) }.map { $0 & 0x7FFF_FFFF } == 0)
            }
        }

        @Test func `a holder without free descriptors delays no follower`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let holder = try lab.start(["listen"])
                try await lab.listening()
                let used = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(holder.pid)/fd").count
                let limit = try lab.start(program: [
                    "prlimit", "--pid", "\(holder.pid)", "--nofile=\(used + 4):4096",
                ])
                try #require(try await limit.end().status == 0)
                let followers = try (0..<8).map { _ in try lab.start(["listen", "--lifecycle", "--timeout", "4s"]) }
                for follower in followers {
                    let result = try await follower.end(within: .seconds(60))
                    #expect(result.status == 0, "\(result.stderr)")
                    #expect(result.cpuTime < .seconds(5))
                }
                holder.signal(SIGTERM)
                let result = try await holder.end()
                #expect(result.status == 143)
                #expect(result.cpuTime < .seconds(5))
            }
        }

        @Test(arguments: ["ulimit -n 5", "ulimit -n 10", "ulimit -n 15", "ulimit -v 200000", "ulimit -s 64"])
        func `a simulator with too few descriptors reports it`(shell: String) async throws {
            let scratch = try ScratchFolder()
            var environment = RunningProgram.Environment()
            environment.variables = ["PATH": "/usr/bin:/bin", "HOME": scratch.path]
            let simulator = try RunningProgram(
                ["bash", "-c", shell + #"; exec "$0""#, Lab.simulator], environment)
            let result = try await simulator.end(within: .seconds(20))
            #expect(result.status == 70)
            #expect(result.stderr.hasPrefix("psparty-sim: too "))
        }

        @Test(arguments: ["TERM", "INT"])
        func `a simulator ends by a signal that was ignored at its start`(signal: String) async throws {
            let scratch = try ScratchFolder()
            let folder = try scratch.folder("tmp")
            var environment = RunningProgram.Environment()
            environment.variables = ["PATH": "/usr/bin:/bin", "HOME": scratch.path, "TMPDIR": folder]
            let simulator = try RunningProgram(
                ["bash", "-c", "trap '' TERM INT CHLD; exec \"$0\" --json", Lab.simulator], environment)
            _ = try await simulator.line()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty == false)
            simulator.signal(signal == "TERM" ? SIGTERM : SIGINT)
            #expect(try await simulator.end().status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }
}
