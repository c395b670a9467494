import Foundation
import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// One process of a profile owns its voice at a time, and reports what it cannot remove.
    struct VoiceOwnerTests {
        private static let engine = ["/usr/bin/python3", VoiceEngine.folder + "/example-engine.py"]

        private static func isOnBridge(_ line: JSON) -> Bool {
            line["type"].string == "peer.agreed" && line["peer"].string == "bridge"
        }

        private static func takeOver(_ lab: Lab) throws -> RunningProgram {
            try lab.start(["voice", "run", "--take-over", "--profile", "a", "--json", "--"] + engine)
        }

        private static func hasSocket(_ pid: pid_t) -> Bool {
            let folder = "/proc/\(pid)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.contains { name in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + name)
                return target?.hasPrefix("socket:") == true
            }
        }

        @Test func `a second run is refused, and with --take-over the first ends with a reason`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let first = try lab.voice("a", Self.engine)
                try await VoiceEngine.line(of: first, Self.isOnBridge)
                let refused = try await lab.voice("a", Self.engine).end()
                #expect(refused.status == 6)
                #expect(refused.stderr.contains("process \(first.pid) is using voice with this profile"))
                #expect(refused.stderr.contains("--take-over"))
                #expect(try await lab.bridges() == [1])

                let second = try Self.takeOver(lab)
                let ended = try await first.end()
                #expect(ended.status == 6)
                #expect(ended.stderr.contains("another process of this profile took over voice"))
                try await VoiceEngine.line(of: second, Self.isOnBridge)
                #expect(try await lab.bridges() == [1], "the first one's place is gone, the second one's is there")
                second.signal(SIGTERM)
                #expect(try await second.end().status == 143)
                #expect(try await lab.bridges() == [])
            }
        }

        @Test func `a run that waits for a stopped owner starts when the owner is killed`()
            async throws
        {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let first = try lab.voice("a", Self.engine)
                try await VoiceEngine.line(of: first, Self.isOnBridge)
                first.signal(SIGSTOP)
                let second = try Self.takeOver(lab)
                try await eventually(.seconds(15), "a successor that waits") { Self.hasSocket(second.pid) }
                first.signal(SIGKILL)
                #expect(try await first.end().status == 137)
                try await VoiceEngine.line(of: second, Self.isOnBridge)
                #expect(try await lab.bridges() == [1], "what the killed run left was taken down")
                second.signal(SIGTERM)
                #expect(try await second.end().status == 143)
                #expect(try await lab.bridges() == [])
            }
        }

        @Test func `a successor that is killed while the owner ends leaves no lock`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let first = try lab.voice("a", Self.engine)
                try await VoiceEngine.line(of: first, Self.isOnBridge)
                // The owner takes 1.5 s to remove its peer.
                try await lab.fault("peers/", #"{"kind":"delay","delayMs":1500}"#)
                let second = try Self.takeOver(lab)
                try await VoiceEngine.line(of: first) { $0["type"].string == "voice.stopping" }
                second.signal(SIGKILL)
                #expect(try await second.end().status == 137)
                #expect(try await first.end().status == 6)
                #expect(try await lab.bridges() == [])
                let third = try lab.voice("a", Self.engine)
                try await VoiceEngine.line(of: third, Self.isOnBridge)
                third.signal(SIGTERM)
                #expect(try await third.end().status == 143)
            }
        }

        @Test func `a bridge that a run could not remove is reported with a command, which removes it`()
            async throws
        {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let run = try lab.voice("a", Self.engine)
                try await VoiceEngine.line(of: run, Self.isOnBridge)
                try await lab.control(
                    "POST", "faults",
                    #"{"match":{"method":"DELETE","path":"rtcBridge","times":0},"action":{"kind":"status","status":500}}"#
                )
                run.signal(SIGTERM)
                let ended = try await run.end()
                #expect(ended.status == 143)
                #expect(ended.stderr.contains("could not be closed"))
                let command = try #require(ended.stderr.components(separatedBy: "`").dropFirst().first)
                #expect(command == "psparty voice stop --profile a")
                #expect(try await lab.bridges().count == 1)
                try await lab.control("DELETE", "faults")
                let words = command.components(separatedBy: " ").dropFirst()
                let stopped = try await lab.start(Array(words)).end()
                #expect(stopped.status == 0 && stopped.stdout.contains("stopped"), "\(stopped)")
                #expect(try await lab.bridges() == [])
            }
        }
    }
}
