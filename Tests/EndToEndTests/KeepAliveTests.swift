import PartyTestSupport
import Testing

extension EndToEndTests {
    /// The keepalive end to end with short intervals, in processes of their own, which busy tests do not delay.
    struct KeepAliveTests {
        private static func scenario(pongs: Bool) -> String {
            let fault = #"{"match":{"path":"/np/pushNotification","times":0},"action":{"kind":"noPong"}}"#
            return """
                {"keepAlive":{"clientKeepAliveInterval":1000,"clientKeepAliveTimeout":1500},\
                "clientFramesAnswered":\(pongs),\
                "faults":[\(pongs ? "" : fault)]}
                """
        }

        @Test func `a server that streams but never pongs is kept`() async throws {
            try await Lab.run(scenario: Self.scenario(pongs: false)) { lab in
                try await lab.login()
                // 4 s of frames, far longer than a ping may go unanswered.
                let listen = try lab.start(["listen", "--lifecycle", "--count", "82"])
                try await lab.push(#"{"burst":{"count":80,"size":300,"intervalMs":50}}"#)
                let result = try await listen.end()
                #expect(result.status == 0)
                #expect(!result.stdout.contains("stream.lost"))
                #expect(result.stdout.contains("\"number\":80 "))
            }
        }

        @Test func `a silent server that never pongs is dropped in time, and reconnected`() async throws {
            try await Lab.run(scenario: Self.scenario(pongs: false)) { lab in
                try await lab.login()
                let listen = try lab.start(["listen", "--lifecycle", "--count", "3"])
                #expect(try await listen.line()?.contains("stream.connected") == true)
                let start = ContinuousClock.now
                let loss = try JSON(try #require(try await listen.line()))
                // A ping at once, 1500 ms for its answer, and some time for a busy machine.
                #expect((.milliseconds(1300) ..< .milliseconds(3500)).contains(.now - start))
                #expect(loss["type"].string == "stream.lost")
                #expect(loss["changes"]["reason"].string?.contains("no answer to a ping") == true)
                #expect(try await listen.line()?.contains("stream.connected") == true)
                #expect(try await listen.end().status == 0)
            }
        }

        @Test func `a server that only pongs is kept`() async throws {
            try await Lab.run(scenario: Self.scenario(pongs: true)) { lab in
                try await lab.login()
                let result = try await lab.psparty("listen", "--lifecycle", "--timeout", "5")
                #expect(result.status == 0)
                #expect(result.stdout.split(separator: "\n").count == 3)
                #expect(!result.stdout.contains("stream.lost"))
            }
        }
    }
}
