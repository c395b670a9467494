import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct VoiceTests {
        /// The signalling goes through the simulator, the voice from member to member, over loopback.
        @Test(.enabled(if: VoiceEngine.isWanted, "scripts/bootstrap --voice installs the engine"))
        func `a member's tone reaches members who joined before and after`() async throws {
            try await Lab.run { lab in
                let party = try await lab.party(of: 3)
                try await lab.psparty("join", party, "--profile", "b")
                let engine = try VoiceEngine(in: lab)
                let ann = try lab.voice("a", engine.words(["--tone", "440"]))
                let bob = try lab.voice("b", engine.words(["--expect-tone", "440"]))
                for member in [ann, bob] { try await VoiceEngine.says(member, "connected, DTLS connected") }
                try await VoiceEngine.hears(bob, of: "1000000000000000001", 0.9...)

                try await lab.psparty("join", party, "--profile", "c")
                let cid = try lab.voice("c", engine.words(["--expect-tone", "440"]))
                try await VoiceEngine.hears(cid, of: "1000000000000000001", 0.9...)
                try await VoiceEngine.hears(cid, of: "1000000000000000002", ...0.1)

                try await lab.psparty("leave", "--profile", "a")
                #expect(try await ann.end().status == 0, "a voice run ends with the membership")
                for member in [bob, cid] {
                    try await VoiceEngine.line(of: member) { line in
                        line["type"].string == "peer.left"
                            && line["peer"].string?.hasPrefix("1000000000000000001") == true
                    }
                    member.signal(SIGTERM)
                    #expect(try await member.end().status == 143)
                }
                #expect(try await lab.addresses() == ["127.0.0.1"])
                try await lab.isClean(engine)
            }
        }

        @Test func `the engine of the page on engines speaks the protocol`() async throws {
            try await Lab.run { lab in
                let party = try await lab.party(of: 2)
                try await lab.psparty("join", party, "--profile", "b")
                let script = VoiceEngine.folder + "/example-engine.py"
                let bob = try lab.voice("b", ["/usr/bin/python3", script])
                let ann = try lab.voice("a", ["/usr/bin/python3", script])
                for (member, other) in [(ann, "1000000000000000002"), (bob, "1000000000000000001")] {
                    var peers: Set<String> = []
                    try await VoiceEngine.line(of: member) { line in
                        if line["type"].string == "peer.agreed" { peers.insert(line["peer"].string ?? "") }
                        return peers == ["bridge", other + "/MOBILE_APP"]
                    }
                }
                ann.signal(SIGINT)
                #expect(try await ann.end().status == 130)
                bob.signal(SIGTERM)
                #expect(try await bob.end().status == 143)
                #expect(try await lab.control("GET", "state")["bridges"].array.isEmpty)
                let page = try String(
                    contentsOfFile: VoiceEngine.folder + "/../../docs/voice-engine.md", encoding: .utf8)
                #expect(
                    page.contains(try String(contentsOfFile: script, encoding: .utf8)), "the page shows this engine")
            }
        }

        @Test(arguments: [
            ("exit 3", 1, "the engine ended with status 3"),
            ("kill -9 $$", 1, "the engine was ended by signal 9"),
            ("exit 0", 0, ""),
            ("head -c 300000 /dev/zero; sleep 60", 1, "a line of"),
            ("yes garbage; sleep 60", 1, "invalid messages"),
        ])
        func `an engine that fails ends the run with a reason`(script: String, status: Int, words: String)
            async throws
        {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let run = try lab.voice("a", ["sh", "-c", script])
                let result = try await run.end()
                #expect(result.status == Int32(status), "\(result.stderr)")
                #expect(words.isEmpty || result.stderr.contains(words), "\(result.stderr)")
                #expect(try await lab.control("GET", "state")["bridges"].array.isEmpty)
            }
        }

        /// `timeout` sends the signal to the process and then to its group.
        @Test func `a signal that arrives twice at once counts once, and nothing remains`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let run = try lab.voice("a", ["sh", "-c", "cat >/dev/null"])
                try await eventually(.seconds(15), "the bridge") {
                    try await !lab.control("GET", "state")["bridges"].array.isEmpty
                }
                run.signal(SIGTERM)
                run.signal(SIGTERM)
                #expect(try await run.end().status == 143)
                #expect(try await lab.control("GET", "state")["bridges"].array.isEmpty)
            }
        }

        @Test func `a second signal ends the run and an engine that ignores signals`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let mark = lab.scratch("stubborn")
                let script = "trap '' TERM INT HUP; while :; do sleep 1; done"
                let run = try lab.voice("a", ["sh", "-c", script, mark])
                try await VoiceEngine.line(of: run) { $0["type"].string == "voice.started" }
                run.signal(SIGTERM)
                try await VoiceEngine.line(of: run) { $0["type"].string == "voice.stopping" }
                run.signal(SIGINT)
                #expect(try await run.end().status == 130)
                try await eventually(.seconds(5), "the end of the engine") {
                    VoiceEngine.processes(mentioning: mark) == 0
                }
            }
        }

        @Test func `a bridge that ends with its creator is reported and replaced by another member`() async throws {
            try await Lab.run { lab in
                let party = try await lab.party(of: 2)
                _ = try await lab.psparty("join", party, "--profile", "b")
                let engine = ["sh", "-c", "cat >/dev/null"]
                let ann = try lab.voice("a", engine)
                try await eventually(.seconds(15), "the bridge") { try await lab.bridges() == [1] }
                let bob = try lab.voice("b", engine)
                try await eventually(.seconds(15), "both on it") { try await lab.bridges() == [2] }
                ann.signal(SIGTERM)
                #expect(try await ann.end().status == 143)
                try await VoiceEngine.line(of: bob) {
                    $0["type"].string == "voice.warning" && $0["peer"].string == "bridge"
                        && $0["message"].string?.contains("deleted by the member") == true
                }
                try await eventually(.seconds(15), "a new bridge") { try await lab.bridges() == [1] }
                bob.signal(SIGTERM)
                #expect(try await bob.end().status == 143)
                #expect(try await lab.bridges().isEmpty)
            }
        }

        @Test func `a reader that exits ends the run`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let engine = #"while :; do echo '{"type":"nonsense"}'; sleep 0.1; done"#
                let command = "\"$1\" voice run --profile a --json -- sh -c \"$2\" | head -n 1; echo ${PIPESTATUS[0]}"
                let result = try await lab.start(program: ["bash", "-c", command, "bash", Lab.psparty, engine])
                    .end(within: .seconds(20))
                #expect(result.stdout.hasPrefix("{\"time\":"))
                #expect(result.stdout.hasSuffix("\n0\n"), "\(result)")
                #expect(try await lab.control("GET", "state")["bridges"].array.isEmpty)
            }
        }

        @Test func `an engine that does not exit is killed with its child processes`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let mark = lab.scratch("never-ends")
                let script =
                    "trap '' TERM INT HUP; sh -c 'trap \"\" TERM INT HUP; while :; do sleep 1; done' \(mark) & "
                let run = try lab.voice("a", ["sh", "-c", script + "while :; do sleep 1; done", mark])
                try await VoiceEngine.line(of: run) { $0["type"].string == "voice.started" }
                try await eventually(.seconds(15), "both processes") { VoiceEngine.processes(mentioning: mark) == 2 }
                let startTime = try await lab.startTime()
                let start = ContinuousClock.now
                run.signal(SIGTERM)
                #expect(try await run.end().status == 143)
                #expect(.now - start < startTime * 200)
                #expect(VoiceEngine.processes(mentioning: mark) == 0)
            }
        }

        @Test func `a missing engine program is an error, and nothing remains`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let result = try await lab.psparty("voice", "run", "--profile", "a", "--", "/nonexistent/engine")
                #expect(result.status == 3)
                #expect(result.stderr.contains("/nonexistent/engine cannot be started"))
                #expect(try await lab.requests("rtcBridge").isEmpty)
            }
        }
    }
}
