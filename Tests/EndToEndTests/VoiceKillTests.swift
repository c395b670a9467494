import Foundation
import Glibc
import PartyTestSupport
import Testing

extension EndToEndTests {
    /// After SIGKILL a voice run cannot clean up.
    struct VoiceKillTests {
        enum Moment: CaseIterable {
            case beforeTheBridge, bridgeAsked, bridgeMade, placeAsked, answered, agreed

            /// The part of a path whose response is delayed, so that the run stays at that moment.
            func path(_ party: String) -> String? {
                switch self {
                case .beforeTheBridge: "/np/serveraddr"
                case .bridgeAsked: "/api/rtcBridge/v1/bridges"
                case .bridgeMade: "/api/sessionManager/v2/partySessions/\(party)/bridges"
                case .placeAsked: "peers?"
                case .answered: "peers/"
                case .agreed: nil
                }
            }

            /// The bridges at that moment, and our peers on them.
            var left: [Int] {
                switch self {
                case .beforeTheBridge: []
                case .bridgeAsked, .bridgeMade: [0]
                case .placeAsked, .answered, .agreed: [1]
                }
            }
        }

        @Test(arguments: Moment.allCases)
        func `after a kill at any moment the engine ends, and voice stop removes the rest`(_ moment: Moment)
            async throws
        {
            // We do not know the id of this bridge; the service removes it, here after a second.
            let scenario = moment == .bridgeAsked ? #"{"looseBridgeLife":1}"# : nil
            try await Lab.run(scenario: scenario) { lab in
                let party = try await lab.party(of: 1)
                let engine = try Self.engine(lab)
                try await Self.kill(at: moment, engine, in: party, lab)
                if moment != .bridgeAsked { #expect(try await Self.places(lab).map(\.count) == moment.left) }
                try await Self.stop(lab)
                try await eventually(.seconds(15), "no bridge") { try await Self.places(lab).isEmpty }
                let parties = try await lab.control("GET", "state")["parties"].array
                #expect(parties.map { $0["bridges"].array.count } == [0])
            }
        }

        @Test(arguments: [Moment.placeAsked, .answered, .agreed])
        func `on another member's bridge only our own peer is removed`(_ moment: Moment) async throws {
            try await Lab.run { lab in
                let party = try await lab.party(of: 2)
                try await lab.psparty("join", party, "--profile", "b")
                let bob = try lab.voice("b", try Self.engine(lab, "bob.py"))
                try await VoiceEngine.line(of: bob, Self.isOnBridge)
                try await Self.kill(at: moment, try Self.engine(lab), in: party, lab)
                let both = ["1000000000000000001", "1000000000000000002"]
                #expect(try await Self.places(lab).map { $0.sorted() } == [both])
                try await Self.stop(lab)
                #expect(try await Self.places(lab) == [["1000000000000000002"]])
                bob.signal(SIGTERM)
                #expect(try await bob.end().status == 143)
                #expect(try await Self.places(lab).isEmpty)
            }
        }

        @Test(.enabled(if: VoiceEngine.isWanted, "scripts/bootstrap --voice installs the engine"))
        func `after a kill an engine with a connection ends too, and the other side notices`() async throws {
            try await Lab.run { lab in
                let party = try await lab.party(of: 2)
                try await lab.psparty("join", party, "--profile", "b")
                let (mine, others) = (try VoiceEngine(in: lab), try Self.engine(lab, "bob.py", of: "webrtc-engine.py"))
                let bob = try lab.voice("b", [VoiceEngine.python, others[1], "--bind", "127.0.0.1"])
                let ann = try lab.voice("a", mine.words([]))
                for member in [ann, bob] { try await VoiceEngine.says(member, "connected, DTLS connected") }
                ann.signal(SIGKILL)
                #expect(try await ann.end(within: .seconds(10)).status == 137)
                try await Self.isGone(mine.script)
                try await VoiceEngine.says(bob, "1000000000000000001/MOBILE_APP: closed")
                try await Self.stop(lab)
                bob.signal(SIGTERM)
                #expect(try await bob.end().status == 143)
                try await lab.isClean(mine)
            }
        }

        private static func engine(
            _ lab: Lab, _ name: String = "engine.py", of program: String = "example-engine.py"
        ) throws -> [String] {
            let text = try String(contentsOfFile: VoiceEngine.folder + "/" + program, encoding: .utf8)
            return ["/usr/bin/python3", try lab.scratch.write(text, to: name)]
        }

        /// Runs A's voice to that moment, kills it there and waits until its engine has exited.
        private static func kill(at moment: Moment, _ engine: [String], in party: String, _ lab: Lab) async throws {
            try await lab.control("POST", "requests/clear")
            let path = moment.path(party)
            if let path { try await lab.fault(path, #"{"kind":"delay","delayMs":60000}"#) }
            let run = try lab.voice("a", engine)
            if let path {
                try await lab.requested(path)
                #expect(try await lab.control("GET", "state")["faults"].int == 0, "the answer is held back")
            } else {
                try await VoiceEngine.line(of: run, isOnBridge)
            }
            try await eventually(.seconds(15), "a running engine") {
                VoiceEngine.processes(mentioning: engine[1]) == 1
            }
            run.signal(SIGKILL)
            #expect(try await run.end(within: .seconds(10)).status == 137)
            try await isGone(engine[1])
        }

        private static func isOnBridge(_ line: JSON) -> Bool {
            line["type"].string == "peer.agreed" && line["peer"].string == "bridge"
        }

        private static func isGone(_ script: String) async throws {
            try await eventually(.seconds(5), "the end of the engine") {
                VoiceEngine.processes(mentioning: script) == 0
            }
        }

        /// The accounts on each bridge at the service.
        private static func places(_ lab: Lab) async throws -> [[String]] {
            try await lab.control("GET", "state")["bridges"].array.map { bridge in
                bridge["peers"].array.compactMap { $0["accountId"].string }
            }
        }

        /// Runs `voice stop` for A.
        private static func stop(_ lab: Lab) async throws {
            let stopped = try await lab.psparty("voice", "stop", "--profile", "a")
            #expect(stopped.status == 0, "\(stopped.stderr)")
            #expect(try await lab.psparty("voice", "status", "--json", "--profile", "a").stdout == "[]\n")
        }
    }
}
