import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// `psparty-sim` as a shell uses it.
    struct SimulatorProgramTests {
        private static let program = Lab.simulator

        private func start(_ words: String..., in scratch: ScratchFolder) throws -> RunningProgram {
            var environment = RunningProgram.Environment()
            environment.variables = ["PATH": "/usr/bin:/bin", "HOME": scratch.path, "TMPDIR": scratch.path]
            return try RunningProgram([Self.program] + words + ["--state", scratch("sim")], environment)
        }

        @Test func `concurrent starts make one daemon, and stop leaves nothing`() async throws {
            let scratch = try ScratchFolder()
            var starters: [RunningProgram] = []
            for _ in 0..<5 { starters.append(try start("--daemon", in: scratch)) }
            var exports: Set<String> = []
            for starter in starters {
                let result = try await starter.end()
                #expect(result.status == 0, "\(result.stderr)")
                exports.insert(result.stdout)
            }
            #expect(exports.count == 1)
            let names = ["SERVER", "CA_FILE", "CLIENT_ID", "CLIENT_SECRET", "STATE_HOME", "SIM_NPSSO_A", "SIM_NPSSO_C"]
            for name in names { #expect(exports.first?.contains("PSPARTY_\(name)=") == true, "\(name)") }
            #expect(try await start("status", in: scratch).end().status == 0)
            #expect(try await start("stop", in: scratch).end().status == 0)
            #expect(try await start("status", in: scratch).end().status == 3)
            #expect(!FileManager.default.fileExists(atPath: scratch("sim")))
        }

        @Test func `a start of the daemon says what runs, for whom, and how to reach it from another terminal`()
            async throws
        {
            let scratch = try ScratchFolder()
            let folder = scratch("sim")
            let first = try await start("--daemon", "--accounts", "8", in: scratch).end()
            let (second, status) = (
                try await start("--daemon", in: scratch).end(), try await start("status", in: scratch).end()
            )
            _ = try await start("stop", in: scratch).end()
            let server = try #require(first.stdout.split(separator: "'").dropFirst().first)
            let notes = first.stderr.split(separator: "\n").map(String.init)
            #expect(notes.count == 5, "\(first.stderr)")
            #expect(notes.first?.hasPrefix("# psparty-sim simulates the party service at \(server) (pid ") == true)
            #expect(
                notes.dropFirst() == [
                    "# accounts, all friends of each other: psparty-user-a, psparty-user-b, psparty-user-c, "
                        + "… psparty-user-h (8)",
                    "# sign in as psparty-user-a:  "
                        + #"printf '%s\n' "$PSPARTY_SIM_NPSSO_A" | psparty login --npsso -"#,
                    "# in a second terminal:  eval \"$(psparty-sim status --state '\(folder)')\"",
                    "# to stop it:  psparty-sim stop --state '\(folder)'",
                ])
            #expect(second.stderr == "# already running; the options of its own start apply\n" + first.stderr)
            #expect(status.stderr == first.stderr)
            #expect(Set([first.stdout, second.stdout, status.stdout]).count == 1)
            #expect(first.stdout.split(separator: "\n").allSatisfy { $0.hasPrefix("export PSPARTY_") })
        }

        @Test func `a shell may evaluate standard error together with standard output`() async throws {
            let scratch = try ScratchFolder()
            var environment = RunningProgram.Environment()
            environment.variables = ["PATH": "/usr/bin:/bin", "HOME": scratch.path, "TMPDIR": scratch.path]
            let script = """
                for _ in 1 2; do eval "$("$1" --daemon 2>&1)"; done; eval "$("$1" status 2>&1)"; "$1" stop
                "$2" config get server
                """
            let result = try await RunningProgram(
                ["bash", "-euc", script, "bash", Self.program, Lab.psparty], environment
            ).end()
            #expect(result.status == 0)
            #expect(result.stderr.isEmpty, "\(result.stderr)")
            #expect(result.stdout.hasPrefix("https://127.0.0.1:"))
        }

        @Test(arguments: ["192.0.2.1", "0.0.0.0", "example.org"])
        func `the simulator refuses addresses beyond loopback`(host: String) async throws {
            let result = try await start("--host", host, in: try ScratchFolder()).end()
            #expect(result.status == 64)
            #expect(result.stdout.isEmpty)
        }

        @Test func `psparty fetches the intermediate certificate that the server omits`() async throws {
            let scratch = try ScratchFolder()
            let script = """
                eval "$("$1" --daemon --leaf-only --state sim)"
                export PSPARTY_STATE_HOME=$PWD/state PSPARTY_CONFIG_HOME=$PWD/config
                curl --silent --noproxy '*' --cacert "$PSPARTY_CA_FILE" "$PSPARTY_SERVER/_sim/accounts" || echo "curl $?"
                curl --silent --noproxy '*' "http://${PSPARTY_SERVER#https://}/_sim/issuer.der" |
                    openssl x509 -inform DER -noout -subject
                printf '%s\n' "$PSPARTY_SIM_NPSSO_A" | "$2" login --npsso -
                "$2" listen --lifecycle --count 2 | cut -d'"' -f10
                stat -c '%a %n' state/profiles/default/issuers.json
                "$1" stop --state sim
                """
            var environment = RunningProgram.Environment()
            environment.variables = ["PATH": "/usr/bin:/bin", "HOME": scratch.path, "TMPDIR": scratch.path]
            environment.directory = scratch.path
            let result = try await RunningProgram(
                ["bash", "-ec", script, "bash", Self.program, Lab.psparty], environment
            ).end()
            #expect(result.status == 0, "\(result.stderr)")
            #expect(
                result.stdout.split(separator: "\n") == [
                    "curl 60", "subject=CN = psparty-sim issuer", "psparty-user-a", "stream.connected", "stream.ready",
                    "600 state/profiles/default/issuers.json",
                ])
        }

        @Test func `an unknown key in a scenario is named`() async throws {
            let scratch = try ScratchFolder()
            let file = try scratch.write(#"{"acounts":2}"#, to: "scenario.json")
            let result = try await start("--scenario", file, in: scratch).end()
            #expect(result.status == 78)
            #expect(result.stderr.contains("acounts"))
        }
    }

    struct ArgumentTests {
        /// Whether a mount namespace can hide /proc, as root or not.
        private static let hidingProc = ["unshare", "--map-root-user", "--mount"]
        private static let canHideProc: Bool = {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = hidingProc + ["mount", "-t", "tmpfs", "none", "/proc"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }()

        @Test(.enabled(if: canHideProc)) func `without /proc a program reports that it cannot read its arguments`()
            async throws
        {
            try await Lab.run { lab in
                for program in [Lab.psparty, Lab.simulator] {
                    let script = "mount -t tmpfs none /proc && exec \(program) status"
                    let result = try await lab.start(program: Self.hidingProc + ["sh", "-c", script]).end()
                    #expect(result.status == 78)
                    #expect(result.stdout.isEmpty)
                    #expect(result.stderr.contains("mount /proc"))
                }
            }
        }

        @Test func `an argument that is not UTF-8 is refused`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let script = "exec \(Lab.psparty) create --name \"$(printf 'a\\377b')\""
                let result = try await lab.start(program: ["bash", "-c", script]).end()
                #expect(result.status == 64)
                #expect(result.stderr.contains("argument 3 is not UTF-8"))
                #expect(try await lab.control("GET", "state")["parties"].array.isEmpty)
            }
        }
    }
}
