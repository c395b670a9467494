import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct StoryTests {
        @Test func `two users join a party and each gets the events`() async throws {
            try await Lab.run { lab in
                try await lab.login(0, profile: "alice")
                try await lab.login(1, profile: "bob")
                let listen = try lab.start(["listen", "--profile", "alice"])
                try await lab.listening()
                let created = try await lab.psparty("create", "--profile", "alice", "--name", "Friday")
                #expect(created.status == 0)
                #expect(created.stderr.isEmpty)
                let id = String(created.stdout.dropLast())
                #expect(created.stdout == id + "\n")
                let joined = try await lab.psparty("join", id, "--profile", "bob")
                #expect(joined.stdout == id + "\n")
                #expect(joined.status == 0)
                var seen: [JSON] = []
                while seen.last?["from"]["onlineId"].string != "psparty-user-b" {
                    seen.append(try JSON(try #require(try await listen.line())))
                }
                #expect(seen.map(\.["seq"].int) == Array(1...seen.count))
                #expect(seen.contains { $0["type"].string == "party.created" })
                let arrival = try #require(seen.last)
                #expect(arrival["type"].string == "member.joined")
                #expect(arrival["partyId"].string == id)
                #expect(arrival["connection"].int == 1)
                #expect(
                    arrival.keys == [
                        "seq", "time", "type", "partyId", "from", "members", "changes", "synthetic", "connection",
                        "dataType", "data",
                    ])
                for (profile, event) in [("bob", "member.left"), ("alice", "party.deleted")] {
                    let left = try await lab.psparty("leave", id, "--profile", profile)
                    #expect(left.status == 0)
                    #expect(left.stdout == id + "\n")
                    while true {
                        let json = try JSON(try #require(try await listen.line()))
                        if json["type"].string == event { break }
                    }
                }
                listen.signal(SIGINT)
                let end = try await listen.end(within: .seconds(2))
                #expect(end.status == 130)
                #expect(end.stderr.isEmpty)
            }
        }

        @Test(arguments: [SIGINT: 130, SIGTERM: 143] as [Int32: Int32])
        func `a signal closes the stream with a close frame, at once`(signal: (key: Int32, value: Int32)) async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listen = try lab.start(["listen"])
                try await lab.listening()
                let startTime = try await lab.startTime()
                let start = ContinuousClock.now
                listen.signal(signal.key)
                let end = try await listen.end(within: .seconds(5))
                #expect(.now - start < startTime * 50)
                #expect(end.status == signal.value)
                #expect(end.stdout.isEmpty)
                try await eventually(.seconds(5), "the end of the connection") {
                    try await !lab.closeCodes().isEmpty
                }
                let codes = try await lab.closeCodes()
                #expect(codes == [1000])
            }
        }

        @Test func `a server that does not answer the close frame does not delay the end`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let listen = try lab.start(["listen", "--lifecycle"])
                try await lab.listening()
                let startTime = try await lab.startTime()
                lab.simulator.signal(SIGSTOP)
                defer { lab.simulator.signal(SIGCONT) }
                let start = ContinuousClock.now
                listen.signal(SIGINT)
                let end = try await listen.end(within: .seconds(5))
                // The deadline of the close frame is half a second.
                #expect(.now - start < .milliseconds(500) + startTime * 50)
                #expect(end.status == 130)
            }
        }
    }
}
