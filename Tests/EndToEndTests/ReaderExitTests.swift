import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// The reader of a stream exits while nothing arrives.
    struct ReaderExitTests {
        /// A command whose reader takes one line and exits; the shell then prints the command's exit status.
        private static func start(_ words: [String], _ lab: Lab) throws -> RunningProgram {
            let script = #"psparty=$1; shift; "$psparty" "$@" | head -n 1; echo "${PIPESTATUS[0]}""#
            return try lab.start(program: ["bash", "-c", script, "bash", Lab.psparty] + words)
        }

        @Test(arguments: [
            ["listen", "--snapshot"], ["listen", "--lifecycle", "--type", "stream.ready"], ["watch"],
        ])
        func `a quiet stream ends at once`(words: [String]) async throws {
            try await Lab.run { lab in
                try await lab.login()
                try await lab.psparty("create")
                let stream = try Self.start(words, lab)
                let result = try await stream.end(within: .seconds(15))
                #expect(result.stdout.hasSuffix("\n0\n"), "\(result)")
                #expect(result.stderr.isEmpty)
                try await eventually(.seconds(5), "the end of the connection") {
                    try await lab.control("GET", "state")["sockets"].array.isEmpty
                }
                // It may have ended before it connected.
                #expect(try await lab.closeCodes().allSatisfy { $0 == 1000 })
            }
        }

        @Test func `a process that shares the stream of another ends, and the other goes on`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                try await lab.psparty("create")
                let holder = try PrintingListener(lab)
                try await holder.tells("stream.ready")
                let result = try await Self.start(["listen", "--snapshot"], lab).end(within: .seconds(15))
                #expect(result.stdout.hasSuffix("\n0\n"), "\(result)")
                try await lab.push(#"{"burst":{"count":1}}"#)
                try await holder.tells("other")
                #expect(try await lab.closeCodes().isEmpty)
                holder.program.signal(SIGTERM)
                #expect(try await holder.program.end().status == 143)
            }
        }

        @Test func `with --leave the party is left`() async throws {
            try await Lab.run { lab in
                try await lab.login()
                let create = try Self.start(["create", "--listen", "--leave", "--type", "party.created"], lab)
                let result = try await create.end(within: .seconds(20))
                #expect(result.stdout.contains("party.created") && result.stdout.hasSuffix("\n0\n"), "\(result)")
                #expect(try await lab.control("GET", "state")["parties"].array.isEmpty)
            }
        }

        @Test func `a voice run takes its place on the bridge down`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                // The first line is the run's own, the next would be the agreement with the bridge, which this engine never makes.
                let words = ["voice", "run", "--profile", "a", "--json", "--", "sh", "-c", "cat >/dev/null"]
                let result = try await Self.start(words, lab).end(within: .seconds(20))
                #expect(result.stdout.contains("voice.started") && result.stdout.hasSuffix("\n0\n"), "\(result)")
                #expect(try await lab.bridges().isEmpty)
            }
        }

        @Test func `a voice run without --json ignores a reader that exits`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let script = #""$1" voice run --profile a -- sh -c 'cat >/dev/null' | true; echo "${PIPESTATUS[0]}""#
                let run = try lab.start(program: ["bash", "-c", script, "bash", Lab.psparty])
                try await VoiceEngine.says(run, "in voice of party")
                try await eventually(.seconds(15), "the bridge") { try await lab.bridges() == [1] }
                try await lab.psparty("leave", "--profile", "a")
                #expect(try await run.end(within: .seconds(20)).stdout == "0\n")
            }
        }

        @Test func `a replay that pauses ends`() async throws {
            try await Lab.run { lab in
                let frame = #""connection":1,"frame":{"method":3001,"dataType":"x","body":{"data":{}}}}"#
                let lines = ["00", "10"].map { #"{"time":"2026-01-01T\#($0):00:00.000Z",\#(frame)"# }
                try lab.scratch.write(lines.joined(separator: "\n") + "\n", to: "party.rec")
                let replay = try Self.start(["replay", "party.rec"], lab)
                let result = try await replay.end(within: .seconds(15))
                #expect(result.stdout.hasSuffix("\n0\n"), "\(result)")
            }
        }
    }
}
