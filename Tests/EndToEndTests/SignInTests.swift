import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct SignInTests {
        private static let tokens = "/api/authz/v3/oauth/token"

        @Test func `fifty processes with an expired token send one refresh`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let old = try await lab.psparty("token").stdout
                try lab.expireToken()
                try await lab.control("POST", "tokens/expire")
                try await lab.control("POST", "requests/clear")
                // Long enough for all processes to wait for the lock.
                try await lab.control(
                    "POST", "faults",
                    #"{"match":{"path":"\#(Self.tokens)"},"action":{"kind":"delay","delayMs":1500}}"#)
                let programs = try (0..<50).map { _ in try lab.start(["token"]) }
                var printed: Set<String> = []
                for program in programs {
                    let result = try await program.end(within: .seconds(30))
                    #expect(result.status == 0, "\(result.stderr)")
                    printed.insert(result.stdout)
                }
                #expect(printed.count == 1)
                #expect(!printed.contains(old))
                let requests = try await lab.requests(Self.tokens)
                #expect(requests.count == 1)
            }
        }

        @Test(arguments: [
            #"{"kind":"reset"}"#, #"{"kind":"truncated"}"#, #"{"kind":"status","status":503}"#,
            #"{"kind":"wrongJSON"}"#,
        ])
        func `a refresh that fails on the network leaves the tokens unchanged`(fault: String) async throws {
            try await Lab.run { lab in
                try await lab.login()
                try lab.expireToken()
                let before = try lab.tokenBytes()
                try await lab.fault(Self.tokens, fault)
                let result = try await lab.psparty("token")
                #expect(result.status == 7)
                #expect(result.stdout.isEmpty)
                // A response that was lost leaves a mark for a later message.
                let mark = #","refreshUnanswered":true"#
                let after = String(decoding: try lab.tokenBytes(), as: UTF8.self)
                #expect(after.replacing(mark, with: "") == String(decoding: before, as: UTF8.self))
                #expect(after.contains(mark) == !fault.contains("503"))
                let names = try lab.scratch.permissions().keys.filter { $0.hasPrefix("state/") }
                #expect(!names.contains { $0.contains("/.") })
            }
        }

        @Test func `a sign-in that ended after a lost response names that reason`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try lab.expireToken()
                // The simulator withdraws the refresh token and cuts its response.
                try await lab.fault(Self.tokens, #"{"kind":"truncated"}"#)
                #expect(try await lab.psparty("token").status == 7)
                for _ in 0..<2 {
                    let result = try await lab.psparty("token")
                    #expect(result.status == 4)
                    #expect(result.stderr.contains("the response to an earlier token refresh was lost"))
                    #expect(result.stderr.contains("hint: sign in again with `psparty login`"))
                }
                try await lab.login()
                #expect(try await lab.psparty("token").status == 0)
                #expect(try !String(decoding: lab.tokenBytes(), as: UTF8.self).contains("refreshUnanswered"))
            }
        }

        @Test func `a dead grant asks for a new sign-in`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try lab.expireToken()
                try await lab.control("POST", "tokens/kill")
                let result = try await lab.psparty("token")
                #expect(result.status == 4)
                #expect(result.stdout.isEmpty)
                #expect(result.stderr.contains("hint: sign in again with `psparty login`"))
            }
        }

        @Test func `a refused token is refreshed once without output`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try await lab.control("POST", "tokens/expire")
                let result = try await lab.psparty("create")
                #expect(result.status == 0)
                #expect(result.stderr.isEmpty)
                let parties = try await lab.control("GET", "state")["parties"].array
                #expect(parties.count == 1)
            }
        }

        @Test func `no secret is printed when a sign-in goes wrong`() async throws {
            try await Lab.run { lab in
                let secret = lab.npsso(0)
                try await lab.fault("/api/authz/v3/oauth/authorize", #"{"kind":"reset"}"#, times: 0)
                let result = try await lab.psparty("login", "--npsso", "-", input: secret)
                #expect(result.status == 7)
                #expect(result.stdout.isEmpty)
                #expect(!result.stderr.contains(secret))
                #expect(!result.stderr.contains(lab.announcement["clientSecret"].string ?? "?"))
            }
        }
    }
}

extension EndToEndTests {
    /// `login` as a person has it, on a terminal.
    struct SignInConversationTests {
        private func login(_ lab: Lab, on terminal: PseudoTerminal) throws -> RunningProgram {
            var environment = RunningProgram.Environment()
            environment.variables = lab.variables.merging(["TERM": "xterm"]) { $1 }
            environment.input = .file(terminal.path)
            environment.output = .file(terminal.path)
            let words = ["setsid", "--ctty", "/bin/sh", "-c", "exec \"$0\" login 2>&1", Lab.psparty]
            return try lab.start(program: words, in: environment)
        }

        private func shows(_ terminal: PseudoTerminal, _ words: String) async throws {
            do {
                try await eventually(.seconds(15), words) { terminal.lines.joined(separator: "\n").contains(words) }
            } catch { throw DeadlinePassed(description: "\(error), but:\n" + terminal.lines.joined(separator: "\n")) }
        }

        /// Where a browser with the cookie of that account ends.
        private func redirect(_ lab: Lab, from url: String) async throws -> String {
            let words = [
                "curl", "--silent", "--insecure", "--noproxy", "*", "--max-time", "20", "-o", "/dev/null", "-w",
                "%{redirect_url}", "-H", "Cookie: npsso=\(lab.npsso(0))", url,
            ]
            let curl = try lab.start(program: words)
            curl.closeInput()
            return try await curl.end().stdout
        }

        @Test func `login on a terminal names each step and the scheme, and asks again after a wrong paste`()
            async throws
        {
            try await Lab.run { lab in
                // Wide enough for the address, which is one line then.
                let terminal = try PseudoTerminal(rows: 40, columns: 900)
                defer { terminal.close() }
                let login = try login(lab, on: terminal)
                try await shows(terminal, "3. Paste the address here")
                let lines = terminal.lines
                #expect(lines[0] == "Profile default signs in to \(lab.server), in three steps.")
                for step in ["1. ", "2. ", "3. "] { #expect(lines.contains { $0.hasPrefix(step) }) }
                #expect(lines.contains { $0.contains("No browser knows the scheme com.scee.psxandroid.scecompcall,") })
                let url = try #require(lines.first { $0.hasPrefix("https://") })
                terminal.type("https://example.org/?code=x\n")
                try await shows(terminal, "psparty: this is not the redirect URL of the sign-in")
                try await shows(terminal, "Paste the address again:")
                let address = try await redirect(lab, from: url.trimmingCharacters(in: .whitespaces))
                #expect(address.hasPrefix("com.scee.psxandroid.scecompcall://redirect"))
                terminal.type(address + "\n")
                try await shows(terminal, "psparty-user-a")
                #expect(try await login.end(within: .seconds(10)).status == 0)
                #expect(!terminal.lines.contains { $0.contains("code=v3.") })
                #expect(terminal.echoes)
            }
        }

        @Test func `login without a client prints the lines that lead there, and reads no secret`() async throws {
            try await Lab.run { lab in
                let result = try await lab.psparty(
                    "login", "--npsso", "-", input: lab.npsso(0) + "\n",
                    variables: ["PSPARTY_CLIENT_ID": "", "PSPARTY_CLIENT_SECRET": ""])
                #expect(result.status == 78)
                #expect(
                    result.stderr == """
                        psparty: no OAuth client is configured
                        hint: psparty includes no OAuth client; docs/sign-in.md says why, and what a client is. With yours:
                        hint: `psparty config set client-id ID` (or PSPARTY_CLIENT_ID)
                        hint: `psparty config set client-secret -` reads the secret from standard input (or PSPARTY_CLIENT_SECRET)
                        hint: `psparty login`

                        """)
                let half = try await lab.psparty("login", variables: ["PSPARTY_CLIENT_SECRET": ""])
                #expect(half.status == 78)
                #expect(half.stderr.hasPrefix("psparty: the OAuth client has no secret\n"))
                #expect(!half.stderr.contains("client-id ID"))
            }
        }
    }
}
