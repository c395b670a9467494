import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct ExitStatusTests {
        struct Case: Sendable, CustomTestStringConvertible {
            var words: [String]
            var status: Int32
            var code: String
            var fault: String?
            var input = ""
            var signsIn = true
            var variables: [String: String] = [:]

            var testDescription: String { "\(status) \(code)" }
        }

        private static let unknown = "99999999-2222-4333-8444-555555555555"

        static let cases: [Case] = [
            Case(words: ["create"], status: 1, code: "refused", fault: #"{"kind":"status","status":400}"#),
            Case(words: ["show", unknown], status: 3, code: "not_found"),
            Case(words: ["create"], status: 4, code: "sign_in", signsIn: false),
            Case(words: ["join", unknown], status: 5, code: "forbidden", fault: #"{"kind":"status","status":403}"#),
            Case(words: ["create"], status: 6, code: "conflict", fault: #"{"kind":"status","status":409}"#),
            Case(words: ["create"], status: 6, code: "rate_limited", fault: #"{"kind":"status","status":429}"#),
            Case(
                words: ["create"], status: 7, code: "unreachable",
                variables: ["PSPARTY_SERVER": "closed", "PSPARTY_ACCESS_TOKEN": "mint"]),
            Case(words: ["create"], status: 4, code: "sign_in", variables: ["PSPARTY_SERVER": "closed"]),
            Case(words: ["list"], status: 7, code: "protocol", fault: #"{"kind":"wrongJSON"}"#),
            Case(words: ["listen", "--count", "3", "--timeout", "500ms"], status: 8, code: "timeout"),
            Case(words: ["nonsense"], status: 64, code: "usage", signsIn: false),
            Case(words: ["login", "--npsso", "-"], status: 65, code: "bad_data", input: "short\n", signsIn: false),
            Case(
                words: ["create"], status: 78, code: "config", signsIn: false,
                variables: ["PSPARTY_SERVER": "http://192.0.2.1", "PSPARTY_ACCESS_TOKEN": "mint"]),
        ]

        @Test(arguments: cases) func `a failure has its status and code, and nothing on standard output`(
            _ row: Case
        ) async throws {
            try await Lab.run { lab in
                if row.signsIn { try await lab.login() }
                var variables = row.variables
                if variables["PSPARTY_ACCESS_TOKEN"] != nil {
                    variables["PSPARTY_ACCESS_TOKEN"] = try await lab.token()
                }
                if variables["PSPARTY_SERVER"] == "closed" {
                    let gone = try LoopbackListener.silent()
                    gone.stop()
                    variables["PSPARTY_SERVER"] = "https://127.0.0.1:\(gone.port)"
                }
                for isJSON in [false, true] {
                    if let fault = row.fault {
                        try await lab.control("DELETE", "faults")
                        try await lab.fault("/api/sessionManager/v2/", fault, times: 0)
                    }
                    let program = try lab.start(row.words + (isJSON ? ["--json"] : []), variables: variables)
                    program.write(row.input)
                    program.closeInput()
                    let result = try await program.end()
                    #expect(result.status == row.status)
                    #expect(result.stdout.isEmpty)
                    if isJSON {
                        let error = try JSON(result.stderr)["error"]
                        #expect(error["code"].string == row.code)
                        #expect(error.keys == ["code", "message", "step", "status", "requestId", "hint"])
                    } else {
                        #expect(result.stderr.hasPrefix("psparty: "))
                    }
                }
            }
        }

        @Test(arguments: [["create"], ["listen"]])
        func `plain text to another machine is refused as a bad configuration`(words: [String]) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let result = try await lab.start(words + ["--server", "http://192.0.2.1:80"]).end(within: .seconds(5))
                #expect(result.status == 78)
                #expect(result.stderr.contains("192.0.2.1"))
            }
        }

        @Test(arguments: ["expired", "wrong-host", "other-ca"], [["create"], ["listen"], ["show", unknown]])
        func `an untrusted server has its own error code`(tls: String, words: [String]) async throws {
            try await Lab.run(tls: tls) { lab in
                let token = try await lab.token()
                let program = try lab.start(words + ["--json"], variables: ["PSPARTY_ACCESS_TOKEN": token])
                let result = try await program.end()
                #expect(result.status == 7)
                #expect(result.stdout.isEmpty)
                #expect(try JSON(result.stderr)["error"]["code"].string == "tls")
                let state = try await lab.control("GET", "state")
                #expect(state["parties"].array.isEmpty)
            }
        }

        @Test func `a missing CA file is reported before a request is sent`() async throws {
            try await Lab.run { lab in
                let result = try await lab.psparty(
                    "create", "--ca-file", lab.scratch("no.pem"), variables: ["PSPARTY_ACCESS_TOKEN": lab.token()])
                #expect(result.status == 78)
                #expect(result.stderr.contains("no.pem"))
                let seen = try await lab.requests("/")
                #expect(seen.isEmpty)
            }
        }
    }
}
