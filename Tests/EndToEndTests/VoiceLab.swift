import Foundation
import PartyTestSupport
import Testing

extension Lab {
    /// Signs that many accounts in, as profiles a, b and c. The first creates a party that the others may join.
    /// - Returns: the id of the party.
    func party(of count: Int) async throws -> String {
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

    /// The number of peers of each bridge of the simulator.
    func bridges() async throws -> [Int] {
        try await control("GET", "state")["bridges"].array.map { $0["peers"].array.count }
    }

    func voice(_ profile: String, _ engine: [String]) throws -> RunningProgram {
        try start(["voice", "run", "--profile", profile, "--json", "--"] + engine)
    }

    /// The addresses that members got for their voice.
    func addresses() async throws -> Set<String> {
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

    /// Checks that no voice state is left at the service or here.
    func isClean(_ engine: VoiceEngine) async throws {
        #expect(try await control("GET", "state")["bridges"].array.isEmpty)
        #expect(VoiceEngine.processes(mentioning: engine.script) == 0)
        for name in ["a", "b", "c"] { try await psparty("leave", "--profile", name) }
        #expect(try await control("GET", "state")["parties"].array.isEmpty)
    }
}

/// The engine of this repository, and its output.
struct VoiceEngine {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/engines").standardized.path(percentEncoded: false)
    static let python = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build-voice/bin/python").standardized.path(percentEncoded: false)

    /// `make test` installs the engine's dependencies; then its test must not be skipped.
    static var isWanted: Bool {
        ProcessInfo.processInfo.environment["PSPARTY_ENGINE_TEST"] == "yes"
            || FileManager.default.fileExists(atPath: python)
    }

    /// A copy in the scratch folder, whose path identifies its processes.
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

    /// The number of processes with that text in their arguments.
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
