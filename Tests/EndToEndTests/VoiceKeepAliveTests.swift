import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// The frames about voice chats that the built programs send to the push service.
    struct VoiceKeepAliveTests {
        private static let engine = ["/usr/bin/python3", VoiceEngine.folder + "/example-engine.py"]

        /// The types of the 1007 frames that the simulator got.
        private func types(_ lab: Lab) async throws -> [Int] {
            try await lab.control("GET", "frames").array.compactMap { frame in
                let json = try JSON(frame["text"].string ?? "")
                return json["method"].int == 1007 ? json["keepAliveStatusType"].int : nil
            }
        }

        private func hears(_ lab: Lab, _ expected: [Int]) async throws {
            try await eventually(.seconds(20), "\(expected)") { try await types(lab) == expected }
        }

        @Test func `a voice run sends a 1007 frame at its start and at its end`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let run = try lab.voice("a", Self.engine)
                try await hears(lab, [3])
                run.signal(SIGINT)
                #expect(try await run.end().status == 130)
                try await hears(lab, [3, 6])
                #expect(try await lab.closeCodes().last == 1000)
            }
        }

        @Test(arguments: [SIGTERM, SIGKILL])
        func `the holder sends the 1007 frames for a follower, however the follower ends`(
            signal: Int32
        ) async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let listen = try lab.start(["listen", "--profile", "a", "--lifecycle"])
                while let line = try await listen.line(), !line.contains("stream.ready") {}
                let run = try lab.voice("a", Self.engine)
                try await hears(lab, [3])
                let state = try await lab.control("GET", "state")
                #expect(state["sockets"][0]["keepAliveStatusType"].string == "3")
                run.signal(signal)
                _ = try await run.end()
                try await hears(lab, [3, 6])
                listen.signal(SIGTERM)
                #expect(try await listen.end().status == 143)
                #expect(try await types(lab) == [3, 6])
            }
        }

        @Test func `a refused 1007 frame is reported once, and voice and stream go on`() async throws {
            try await Lab.run(scenario: #"{"statusReturnCode":7,"keepAliveReturnCode":8,"answerRetryInterval":-1}"#) {
                lab in
                _ = try await lab.party(of: 1)
                let run = try lab.voice("a", Self.engine)
                try await VoiceEngine.says(run, "rejected the status frame (return code 7); the stream goes on")
                try await VoiceEngine.says(run, "the frame with the keep-alive type (return code 8)")
                run.signal(SIGINT)
                let result = try await run.end()
                #expect(result.status == 130)
                #expect(result.stderr.components(separatedBy: "return code").count == 3, "each once")
            }
        }

        @Test func `nonsensical intervals in the answer cause neither many pings nor a loss`() async throws {
            let nonsense = #"{"clientKeepAliveInterval":0,"clientKeepAliveTimeout":-1,"serverKeepAliveTimeout":"x"}"#
            try await Lab.run(scenario: #"{"keepAliveVoiceChat":\#(nonsense)}"#) { lab in
                _ = try await lab.party(of: 1)
                let listen = try lab.start(["listen", "--profile", "a", "--lifecycle", "--timeout", "4"])
                while let line = try await listen.line(), !line.contains("stream.ready") {}
                let run = try lab.voice("a", Self.engine)
                try await hears(lab, [3])
                let result = try await listen.end()
                #expect(result.status == 0)
                #expect(!result.stdout.contains("stream.lost"))
                #expect(result.cpuTime < .seconds(2))
                run.signal(SIGINT)
                _ = try await run.end()
            }
        }

        @Test func `a service that closes each connection at once is retried with growing waits`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let close = #"{"kind":"onReady","push":[{"frame":{"method":9}},{"close":{"code":1001}}]}"#
                try await lab.fault("/np/pushNotification", close, times: 0)
                let listen = try lab.start(["listen", "--json", "--lifecycle", "--count", "12", "--timeout", "30"])
                var waits: [Int] = []
                while let line = try await listen.line(.seconds(40)) {
                    let event = try JSON(line)
                    if event["type"].string == "stream.lost" {
                        waits.append(event["changes"]["retryAfterMs"].int ?? -1)
                    }
                }
                _ = try await listen.end()
                #expect(waits.first == 0)
                #expect(waits.count >= 3 && zip(waits.dropFirst(), [1000, 2000, 4000, 8000]).allSatisfy { $0 <= $1 })
            }
        }
    }
}
