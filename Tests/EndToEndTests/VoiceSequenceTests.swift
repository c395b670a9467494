import Foundation
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// The picture in docs/voice.md shows the requests that the simulator got.
    struct VoiceSequenceTests {
        private static let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs")
            .standardized.path(percentEncoded: false)
        private static let script = docs + "/../scripts/engines/example-engine.py"

        @Test func `the simulator records the sequence of the voice page`() async throws {
            try await Lab.run { lab in
                for (index, name) in ["a", "b"].enumerated() { try await lab.login(index, profile: name) }
                let party = String(try await lab.psparty("create", "--profile", "a").stdout.dropLast())
                try await lab.psparty("invite", "psparty-user-b", "--profile", "a")
                try await lab.psparty("join", party, "--profile", "b")
                let engine = ["--json", "--", "/usr/bin/python3", Self.script]
                let bob = try lab.start(["voice", "run", "--no-bridge", "--profile", "b"] + engine)
                _ = try await bob.line()
                let ann = try lab.start(["voice", "run", "--profile", "a"] + engine)
                // A started, and agreed with the bridge and with B.
                for _ in 1...3 { _ = try await ann.line() }
                try await lab.requested("/answer")
                ann.signal(SIGTERM)
                _ = try await ann.end()
                bob.signal(SIGTERM)
                _ = try await bob.end()
                let steps = try await Self.steps(lab)
                let file = Self.docs + "/voice-sequence.json"
                if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
                    try Data(steps.utf8).write(to: URL(fileURLWithPath: file))
                }
                #expect(steps == (try? String(contentsOfFile: file, encoding: .utf8)))
            }
        }

        @Test func `the picture is drawn from the recorded sequence`() async throws {
            let drawing = try RunningProgram(
                ["/usr/bin/python3", Self.docs + "/../scripts/voice-diagram.py"], RunningProgram.Environment())
            let result = try await drawing.end()
            #expect(result.status == 0, "\(result.stderr)")
            #expect(
                result.stdout == (try? String(contentsOfFile: Self.docs + "/voice-sequence.svg", encoding: .utf8)),
                "draw it anew: scripts/voice-diagram.py > docs/voice-sequence.svg")
        }

        /// The requests of voice by purpose, each in order; a message also shows its recipient.
        private static func steps(_ lab: Lab) async throws -> String {
            var sections: [String: [String]] = [:]
            for request in try await lab.control("GET", "requests").array {
                let target = request["target"].string ?? ""
                let method = request["method"].string ?? ""
                let sender = request["accountId"].string == "1000000000000000001" ? "A" : "B"
                let path = target.split(separator: "?")[0].split(separator: "/").map { $0.count == 36 ? "ID" : $0 }
                let words = "\(method) …/\(path.suffix(3).joined(separator: "/")) → \(request["status"].text ?? "")"
                if target.contains("customMessage") {
                    let word = try kind(of: request["body"].string ?? "")
                    sections["members", default: []] += [
                        step("members", sender, "service", "customMessage: \(word) → \(request["status"].text ?? "")"),
                        step("members", "service", sender == "A" ? "B" : "A", "push frame: \(word)"),
                    ]
                } else if target.contains("ridges") {
                    let section = method == "DELETE" ? "end" : "bridge"
                    sections[section, default: []].append(step(section, sender, "service", words))
                }
            }
            let media = step("members", "A", "B", "voice: DTLS, SRTP, from engine to engine", media: true)
            sections["members", default: []].append(media)
            let lines = ["bridge", "members", "end"].flatMap { sections[$0] ?? [] }
            return "[\n" + lines.joined(separator: ",\n") + "\n]\n"
        }

        private static let titles = [
            "bridge": "A's voice run opens the party's bridge", "members": "A offers to B, who answers",
            "end": "A's voice run ends",
        ]

        private static func step(
            _ section: String, _ from: String, _ to: String, _ text: String, media: Bool = false
        ) -> String {
            let title = titles[section] ?? section
            return #"  {"section":"\#(title)","from":"\#(from)","to":"\#(to)","text":"\#(text)","media":\#(media)}"#
        }

        private static func kind(of body: String) throws -> String {
            let payload = try JSON(body)["payload"].string ?? ""
            let data = Data(base64Encoded: payload.components(separatedBy: "body=").last ?? "") ?? Data()
            return String(decoding: data, as: UTF8.self).contains(#""type":"offer""#) ? "offer" : "answer"
        }
    }
}
