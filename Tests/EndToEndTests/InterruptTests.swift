import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// Ctrl-C ends every wait.
    struct InterruptTests {
        struct Case: Sendable, CustomTestStringConvertible {
            var words: [String]
            /// The path whose answer is held back.
            var path: String
            var expiresToken = false

            var testDescription: String { "\(words) \(path)" }
        }

        static let cases = [
            Case(words: ["listen"], path: "/np/serveraddr"),
            Case(words: ["listen"], path: "/np/pushNotification"),
            Case(words: ["create"], path: "/api/sessionManager/v2/partySessions"),
            Case(words: ["token"], path: "/api/authz/v3/oauth/token", expiresToken: true),
        ]

        @Test(arguments: cases) func `a slow response is abandoned at once`(_ row: Case) async throws {
            try await Lab.run { lab in
                try await lab.login()
                if row.expiresToken { try lab.expireToken() }
                try await lab.control("POST", "requests/clear")
                try await lab.fault(row.path, #"{"kind":"delay","delayMs":60000}"#)
                let program = try lab.start(row.words)
                try await lab.requested(row.path)
                try await expectQuickEnd(program)
            }
        }

        @Test(arguments: [["create"], ["listen"]])
        func `a server that is silent during TLS is abandoned at once`(words: [String]) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let silent = try LoopbackListener.silent()
                defer { silent.stop() }
                // A sign-in belongs to its server; PSPARTY_ACCESS_TOKEN works with any.
                let program = try lab.start(
                    words + ["--server", "https://127.0.0.1:\(silent.port)"],
                    variables: ["PSPARTY_ACCESS_TOKEN": try await lab.token()])
                try await silent.connection()
                try await expectQuickEnd(program)
            }
        }

        @Test func `a push server that is silent during TLS is abandoned at once`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let silent = try LoopbackListener.silent()
                defer { silent.stop() }
                let ports = [lab.port, silent.port]
                let switchboard = try LoopbackListener.forwarding { ports[min($0, 2) - 1] }
                defer { switchboard.stop() }
                let program = try lab.start(
                    ["listen", "--server", "https://127.0.0.1:\(switchboard.port)"],
                    variables: ["PSPARTY_ACCESS_TOKEN": try await lab.token()])
                try await silent.connection()
                try await expectQuickEnd(program)
            }
        }

        @Test func `a wait for standard input ends at once`() async throws {
            try await Lab.run { lab in
                let program = try lab.start(["login"])
                while let line = try await program.errorLine(), !line.contains("Paste") {}
                try await expectQuickEnd(program)
            }
        }

        @Test func `a process that waits for the lock of another ends at once`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try lab.expireToken()
                try await lab.control("POST", "requests/clear")
                try await lab.fault("/api/authz/v3/oauth/token", #"{"kind":"delay","delayMs":60000}"#)
                let first = try lab.start(["token"])
                try await lab.requested("/oauth/token")
                let second = try lab.start(["token"])
                try await eventually(.seconds(10), "the second process at the lock") {
                    try fileIsOpen(lab.tokenFile + ".lock", by: second.pid)
                }
                try await expectQuickEnd(second)
                try await expectQuickEnd(first)
            }
        }

        private func fileIsOpen(_ path: String, by pid: pid_t) throws -> Bool {
            (0..<32).contains { descriptor in
                var buffer = [CChar](repeating: 0, count: 4096)
                let count = unsafe readlink("/proc/\(pid)/fd/\(descriptor)", &buffer, buffer.count)
                return count > 0
                    && String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) == path
            }
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func `a party that only the stream announced is left`(signal: Int32) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let creation = "/api/sessionManager/v2/partySessions"
                try await lab.fault(creation, #"{"kind":"delay","delayMs":60000}"#)
                let program = try lab.start(["create", "--listen", "--leave"])
                try await lab.requested(creation)
                program.signal(signal)
                let result = try await program.end(within: .seconds(10))
                #expect(result.status == 128 + signal)
                #expect(result.stdout.contains("party.deleted"))
                #expect(try await lab.control("GET", "state")["parties"].array.isEmpty)
            }
        }

        private func expectQuickEnd(_ program: RunningProgram) async throws {
            let start = ContinuousClock.now
            program.signal(SIGINT)
            let result = try await program.end(within: .seconds(5))
            #expect(.now - start < .seconds(1))
            #expect(result.status == 130)
            #expect(result.stdout.isEmpty)
        }
    }
}
