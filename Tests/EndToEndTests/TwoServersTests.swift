import Foundation
import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// Two simulators and one profile: neither ever sees a token of the other.
    struct TwoServersTests {
        /// The variables of the second simulator, with the state folder of the first.
        private func variables(_ second: Lab, state first: Lab) -> [String: String] {
            second.variables.filter { $0.key.hasPrefix("PSPARTY_") }
                .merging(["PSPARTY_STATE_HOME": first.scratch("state")]) { $1 }
        }

        @Test func `a second server gets no request of a profile signed in at the first`() async throws {
            try await Lab.run { first in
                try await first.login()
                try first.expireToken()
                let before = try first.tokenBytes()
                try await Lab.run { second in
                    let elsewhere = variables(second, state: first)
                    let party = "11111111-2222-4333-8444-555555555555"
                    let link = "abcdefghijklmnopqrst"
                    let commands = [
                        ["whoami"], ["token"], ["logout"], ["friends"], ["create"], ["create", "--dry-run"], ["list"],
                        ["show"], ["show", link], ["join", party], ["join", link], ["leave", party],
                        ["leave", party, "--dry-run"], ["edit", party, "--name", "x"],
                        ["invite", "me", "--party", party],
                        ["invitations"], ["link", party], ["api", "GET", "/x"], ["listen", "--timeout", "5s"],
                        ["create", "--listen", "--timeout", "5s"],
                        ["join", "--from", "psparty-user-b", "--wait", "--timeout", "5s"],
                        ["voice", "offer", party], ["voice", "status"], ["voice", "stop"],
                        ["login", "--npsso", "-"], ["login", "--code", "-"], ["login"],
                    ]
                    for words in commands {
                        let program = try first.start(words, variables: elsewhere)
                        program.write(second.npsso(0) + "\n")
                        program.closeInput()
                        let result = try await program.end()
                        #expect(result.status == 4, "\(words): \(result.stderr)")
                        #expect(result.stdout.isEmpty, "\(words)")
                        let words = "profile default is signed in to \(first.server), not to \(second.server)\n"
                        #expect(result.stderr.hasPrefix("psparty: " + words), "\(result.stderr)")
                        #expect(result.stderr.contains("hint: use another profile"), "\(result.stderr)")
                    }
                    #expect(try await second.control("GET", "requests").array.isEmpty)
                    // The first sign-in is unchanged and valid.
                    #expect(try first.tokenBytes() == before)
                    #expect(try await first.psparty("create").status == 0)
                    let other = try await first.psparty(
                        "login", "--npsso", "-", "--profile", "two", input: second.npsso(1) + "\n", variables: elsewhere
                    )
                    #expect(other.stdout == "psparty-user-b\n", "\(other.stderr)")
                    let seen = try await second.control("GET", "requests").array
                    let texts = seen.flatMap { request in
                        request["headers"].array.map { $0[1].string ?? "" } + [request["body"].string ?? ""]
                    }
                    #expect(texts.contains { $0.hasPrefix("Bearer ") })
                    for secret in try first.storedSecrets() { #expect(!texts.contains { $0.contains(secret) }) }
                }
            }
        }

        @Test func `after a login at another server the first server's stream is not shared`() async throws {
            try await Lab.run { first in
                try await first.login()
                let listener = try PrintingListener(first)
                try await listener.tells("stream.ready")
                #expect(try await first.psparty("create").status == 0)
                try await listener.tells("party.created")
                try await Lab.run { second in
                    let elsewhere = variables(second, state: first)
                    let login = try await first.psparty(
                        "login", "--npsso", "-", "--replace", input: second.npsso(0) + "\n", variables: elsewhere)
                    #expect(login.status == 0, "\(login.stderr)")
                    // The same account id, the same profile, another server.
                    let other = try PrintingListener(first, variables: elsewhere)
                    try await other.tells("stream.ready")
                    #expect(try await second.control("GET", "state")["peakSockets"].int == 1)
                    try await first.push(#"{"frame":{"method":3001,"body":{"data":{"number":1}}}}"#)
                    try await second.push(#"{"frame":{"method":3001,"body":{"data":{"number":2}}}}"#)
                    try await listener.tells(number: 1)
                    try await other.tells(number: 2)
                    #expect(other.numbers == [2] && listener.numbers == [1])
                    #expect(!other.types.contains("party.created"))
                    let shown = try await first.psparty("show", variables: elsewhere)
                    #expect(shown.status == 3 && shown.stderr.contains("in no party"), "\(shown.stderr)")
                    for listener in [listener, other] {
                        listener.program.signal(SIGINT)
                        #expect(try await listener.program.end().status == 130)
                    }
                    #expect(try await first.psparty("token").status == 4)
                }
            }
        }

        @Test func `two simulators share nothing and leave the user's state alone`() async throws {
            let scratch = try ScratchFolder()
            let script = """
                export PSPARTY_ACCESS_TOKEN=mine PSPARTY_NPSSO=mine
                one=$("$1" --daemon --state one) two=$("$1" --daemon --state two)
                eval "$one"; printf '%s\\n' "$PSPARTY_SIM_NPSSO_A" | "$2" login --npsso -; "$2" create >first
                eval "$two"; "$2" whoami 2>&1 || echo "exit $?"
                printf '%s\\n' "$PSPARTY_SIM_NPSSO_B" | "$2" login --npsso -; "$2" show || echo "exit $?"
                eval "$one"; "$2" show --json | grep -c "$(cat first)"; "$2" leave >left; cmp first left
                "$1" stop --state one; eval "$("$1" --daemon --state one)"; "$2" whoami || echo "exit $?"
                mkdir -p "$PSPARTY_STATE_HOME/profiles/real"
                printf '{"origin":"https://ca.account.sony.com"}' >"$PSPARTY_STATE_HOME/profiles/real/credentials.json"
                "$1" stop --state one; cat one/home/profiles/real/credentials.json; echo
                "$1" stop --state two; ls
                """
            var environment = RunningProgram.Environment()
            environment.variables = ["PATH": "/usr/bin:/bin", "HOME": scratch("home"), "TMPDIR": scratch.path]
            environment.directory = scratch.path
            _ = try scratch.folder("home")
            let result = try await RunningProgram(
                ["bash", "-ec", script, "bash", Lab.simulator, Lab.psparty], environment
            ).end()
            #expect(result.status == 0, "\(result.stderr)")
            #expect(
                result.stdout.split(separator: "\n").map(String.init) == [
                    "psparty-user-a", "psparty: not signed in as profile default", "hint: sign in with `psparty login`",
                    "exit 4", "psparty-user-b", "exit 3", "1", "exit 4",
                    #"{"origin":"https://ca.account.sony.com"}"#, "first", "home", "left", "one",
                ])
            #expect(result.stderr.contains("one/home: it contains a sign-in to another server"))
            #expect(try scratch.permissions().keys.filter { $0.hasPrefix("home/") }.isEmpty)
        }

        @Test func `a simulator in the foreground removes its state folder at the end`() async throws {
            let folder = try await withLab { lab in
                let folder = try #require(lab.announcement["stateHome"].string)
                let login = try await lab.psparty(
                    "login", "--npsso", "-", input: lab.npsso(0), variables: ["PSPARTY_STATE_HOME": folder])
                #expect(login.status == 0, "\(login.stderr)")
                #expect(FileManager.default.fileExists(atPath: folder + "/profiles/default/credentials.json"))
                return folder
            }
            #expect(!FileManager.default.fileExists(atPath: folder))
        }

        private func withLab(_ body: @Sendable @escaping (Lab) async throws -> String) async throws -> String {
            let result = Tape<String>()
            try await Lab.run { lab in result.append(try await body(lab)) }
            return try #require(result.all.first)
        }
    }
}

extension Lab {
    /// The tokens in the token file.
    fileprivate func storedSecrets() throws -> [String] {
        let file = try JSON(String(decoding: tokenBytes(), as: UTF8.self))
        return try ["accessToken", "refreshToken"].map { try #require(file[$0].string) }
    }
}
