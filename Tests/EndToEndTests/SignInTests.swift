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
