import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    struct VoiceTests {
        /// The signalling goes through the simulator, the voice from member to member, over loopback.
        @Test(.enabled(if: VoiceEngine.isWanted, "scripts/bootstrap --voice installs the engine"))
        func `a tone that one member sends is heard by the others, who came before and after`() async throws {
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
            ("yes garbage; sleep 60", 1, "things that make no sense"),
        ])
        func `an engine that fails ends the run with a word on why`(script: String, status: Int, words: String)
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

        @Test func `an engine that never ends is ended, with everything it has started`() async throws {
            try await Lab.run { lab in
                _ = try await lab.party(of: 1)
                let mark = lab.scratch("never-ends")
                let script =
                    "trap '' TERM INT HUP; sh -c 'trap \"\" TERM INT HUP; while :; do sleep 1; done' \(mark) & "
                let run = try lab.voice("a", ["sh", "-c", script + "while :; do sleep 1; done", mark])
                try await VoiceEngine.line(of: run) { $0["type"].string == "voice.started" }
                try await eventually(.seconds(15), "both processes") { VoiceEngine.processes(mentioning: mark) == 2 }
                let start = ContinuousClock.now
                run.signal(SIGTERM)
                #expect(try await run.end().status == 143)
                #expect(.now - start < .seconds(2))
                #expect(VoiceEngine.processes(mentioning: mark) == 0)
            }
        }

        @Test func `what is no engine is not found, and leaves nothing`() async throws {
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

extension Lab {
    /// Signs so many in, as a, b and c; the first creates a party, open to the others, and its id comes back.
    fileprivate func party(of count: Int) async throws -> String {
        let names = ["a", "b", "c"].prefix(count)
        for (index, name) in names.enumerated() { try await login(index, profile: name) }
        let created = try await psparty("create", "--profile", "a")
        let others = names.dropFirst().map { "psparty-user-\($0)" }
        if !others.isEmpty {
            let invited = try start(["invite"] + others + ["--profile", "a"])
            #expect(try await invited.end().status == 0)
        }
        return String(created.stdout.dropLast())
    }

    fileprivate func voice(_ profile: String, _ engine: [String]) throws -> RunningProgram {
        try start(["voice", "run", "--profile", profile, "--json", "--"] + engine)
    }

    /// The addresses that members were told to send their voice to.
    fileprivate func addresses() async throws -> Set<String> {
        var addresses: Set<String> = []
        for request in try await requests("customMessage") {
            let payload = try JSON(request["body"].string ?? "")["payload"].string ?? ""
            let body = payload.components(separatedBy: "body=").last ?? ""
            let text = String(decoding: try #require(Data(base64Encoded: body)), as: UTF8.self)
            for line in text.components(separatedBy: "a=candidate:").dropFirst() {
                addresses.insert(line.components(separatedBy: " ")[4])
            }
        }
        return addresses
    }

    /// Nothing is left of anybody's voice, neither at the service nor here.
    fileprivate func isClean(_ engine: VoiceEngine) async throws {
        #expect(try await control("GET", "state")["bridges"].array.isEmpty)
        #expect(VoiceEngine.processes(mentioning: engine.script) == 0)
        for name in ["b", "c"] { try await psparty("leave", "--profile", name) }
        #expect(try await control("GET", "state")["parties"].array.isEmpty)
    }
}

/// The engine of this repository, and what it says.
private struct VoiceEngine {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/engines").standardized.path(percentEncoded: false)
    static let python = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build-voice/bin/python").standardized.path(percentEncoded: false)

    /// `make test` installs what the engine needs, and then its test may not be left out.
    static var isWanted: Bool {
        ProcessInfo.processInfo.environment["PSPARTY_ENGINE_TEST"] == "yes"
            || FileManager.default.fileExists(atPath: python)
    }

    /// A copy in the test's own folder, by whose name its processes are found.
    let script: String

    init(in lab: Lab) throws {
        script = try lab.scratch.write(
            String(contentsOfFile: Self.folder + "/webrtc-engine.py", encoding: .utf8), to: "engine.py")
    }

    func words(_ options: [String]) -> [String] {
        [Self.python, script, "--bind", "127.0.0.1"] + options
    }

    /// Waits for a line of standard error with those words.
    static func says(_ member: RunningProgram, _ words: String) async throws {
        var lines: [String] = []
        while let line = try await member.errorLine(.seconds(40)) {
            if line.contains(words) { return }
            lines.append(line)
        }
        Issue.record("\(words) is not said: \(lines.suffix(20))")
    }

    /// Waits until the engine measures that share of the tone in the sound of a member.
    static func hears(
        _ member: RunningProgram, of account: String, _ share: some RangeExpression<Double>
    ) async throws {
        while let line = try await member.errorLine(.seconds(40)) {
            guard line.contains(account), line.contains("of the sound is") else { continue }
            let measured = line.components(separatedBy: ": ").last?.components(separatedBy: " ").first
            if let measured = measured.flatMap(Double.init), share.contains(measured) { return }
        }
        Issue.record("nothing of \(account) is heard")
    }

    static func line(of member: RunningProgram, _ isMeant: (JSON) -> Bool) async throws {
        while let line = try await member.line(.seconds(40)) {
            if isMeant(try JSON(line)) { return }
        }
        Issue.record("the run ended before")
    }

    /// How many processes have that in their arguments.
    static func processes(mentioning words: String) -> Int {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return folders.filter { folder in
            guard Int(folder) != nil, let data = FileManager.default.contents(atPath: "/proc/\(folder)/cmdline") else {
                return false
            }
            let text = String(decoding: data, as: UTF8.self)
            return text.contains(words) && !text.contains("voice\0run")
        }.count
    }
}
