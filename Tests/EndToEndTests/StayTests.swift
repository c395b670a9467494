import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// `create --listen` and `join --listen`.
    struct StayTests {
        @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
        func `a signal ends create --listen --leave, which leaves the party`(signal: Int32) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let create = try lab.start(["create", "--listen", "--leave"])
                while let line = try await create.line(), !line.contains("party.created") {}
                #expect(try await lab.control("GET", "state")["parties"].array.count == 1)
                create.signal(signal)
                let result = try await create.end(within: .seconds(5))
                #expect(result.status == 128 + signal)
                #expect(result.stdout.split(separator: "\n").last?.contains("party.deleted") == true)
                #expect(try await lab.control("GET", "state")["parties"].array.isEmpty)
                #expect(try await lab.closeCodes() == [1000])
            }
        }

        @Test func `a second signal ends it without leaving`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let create = try lab.start(["create", "--listen", "--leave"])
                while let line = try await create.line(), !line.contains("party.created") {}
                try await lab.control("POST", "requests/clear")
                try await lab.fault("members/me", #"{"kind":"delay","delayMs":60000}"#, times: 0)
                create.signal(SIGTERM)
                try await lab.requested("/members/me")
                let startTime = try await lab.startTime()
                let start = ContinuousClock.now
                create.signal(SIGINT)
                #expect(try await create.end(within: .seconds(5)).status == 130)
                #expect(.now - start < startTime * 50)
            }
        }

        @Test func `a service that does not answer delays the end by a few seconds at most`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let create = try lab.start(["create", "--listen", "--leave"])
                while let line = try await create.line(), !line.contains("party.created") {}
                try await lab.fault("members/me", #"{"kind":"delay","delayMs":60000}"#, times: 0)
                create.signal(SIGTERM)
                let result = try await create.end(within: .seconds(7))
                #expect(result.status == 143)
                #expect(result.stderr.contains("leave: no end within 3700 ms"))
            }
        }

        @Test func `without --leave the membership remains after the program`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let create = try lab.start(["create", "--listen"])
                while let line = try await create.line(), !line.contains("party.created") {}
                create.signal(SIGTERM)
                #expect(try await create.end(within: .seconds(5)).status == 143)
                #expect(try await lab.psparty("leave").status == 0)
            }
        }
    }
}
