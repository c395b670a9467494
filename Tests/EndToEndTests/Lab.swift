import Foundation
import Glibc
import PartyTestSupport
import Testing

/// The built programs. One test after the other: they measure times, and the machine may have few processors.
@Suite(.serialized) struct EndToEndTests {}

/// A running `psparty-sim` and a scratch folder, for one test.
struct Lab: Sendable {
    let scratch: ScratchFolder
    let simulator: RunningProgram
    let announcement: JSON
    /// The programs started here, so that a failed test leaves nothing running.
    private let started = Tape<RunningProgram>()

    private init(_ scratch: ScratchFolder, _ simulator: RunningProgram, _ announcement: JSON) {
        self.scratch = scratch
        self.simulator = simulator
        self.announcement = announcement
    }

    /// The folder of the programs: that of this test bundle, or that of `make test-release`.
    private static let programs: String = {
        if let folder = ProcessInfo.processInfo.environment["PSPARTY_PROGRAMS"], !folder.isEmpty { return folder }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (path as NSString).deletingLastPathComponent
    }()

    static let psparty = programs + "/psparty"
    static let simulator = programs + "/psparty-sim"

    static func run(
        scenario: String? = nil, accounts: Int = 3, tls: String = "valid", _ body: @Sendable (Lab) async throws -> Void
    ) async throws {
        let scratch = try ScratchFolder()
        _ = try scratch.folder("tmp")
        _ = try scratch.folder("home")
        var words = [simulator, "--json", "--accounts", String(accounts), "--tls", tls]
        if let scenario { words += ["--scenario", try scratch.write(scenario, to: "scenario.json")] }
        var environment = RunningProgram.Environment()
        environment.variables = bare(scratch)
        environment.directory = scratch.path
        let simulator = try RunningProgram(words, environment)
        do {
            let line = try #require(try await simulator.line())
            let lab = Lab(scratch, simulator, try JSON(line))
            defer { for program in lab.started.all { program.signal(SIGKILL) } }
            try await body(lab)
        } catch {
            simulator.signal(SIGKILL)
            throw error
        }
        simulator.signal(SIGTERM)
        _ = try await simulator.end()
    }

    /// No folder of the user: every folder that a program might look for is in the scratch folder.
    private static func bare(_ scratch: ScratchFolder) -> [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": scratch("home"),
            "TMPDIR": scratch("tmp"), "XDG_STATE_HOME": scratch("xdg-state"), "XDG_CONFIG_HOME": scratch("xdg-config"),
            "XDG_CACHE_HOME": scratch("xdg-cache"), "PSPARTY_STATE_HOME": scratch("state"),
            "PSPARTY_CONFIG_HOME": scratch("config"),
        ]
    }

    var server: String { announcement["server"].string ?? "" }
    var port: UInt16 { server.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }
    var caFile: String { announcement["caFile"].string ?? "" }

    /// The variables that name the simulator.
    var variables: [String: String] {
        var variables = Self.bare(scratch)
        variables["PSPARTY_SERVER"] = server
        variables["PSPARTY_CA_FILE"] = caFile
        variables["PSPARTY_CLIENT_ID"] = announcement["clientId"].string
        variables["PSPARTY_CLIENT_SECRET"] = announcement["clientSecret"].string
        return variables
    }

    func npsso(_ account: Int) -> String { announcement["accounts"].array[account]["npsso"].string ?? "" }

    /// Starts psparty. An empty value here removes the variable.
    func start(
        _ words: [String], variables: [String: String] = [:], output: RunningProgram.Stream = .pipe,
        directory: String? = nil
    ) throws -> RunningProgram {
        try start(program: [Self.psparty] + words, variables: variables, output: output, directory: directory)
    }

    func start(
        program: [String], variables: [String: String] = [:], output: RunningProgram.Stream = .pipe,
        directory: String? = nil
    ) throws -> RunningProgram {
        var environment = RunningProgram.Environment()
        environment.variables = self.variables.merging(variables) { $1 }.filter { !$0.value.isEmpty }
        environment.output = output
        environment.directory = directory ?? scratch.path
        return try start(program: program, in: environment)
    }

    func start(program: [String], in environment: RunningProgram.Environment) throws -> RunningProgram {
        let program = try RunningProgram(program, environment)
        started.append(program)
        return program
    }

    /// Runs psparty to its end with that standard input.
    @discardableResult
    func psparty(
        _ words: String..., input: String = "", variables: [String: String] = [:],
        output: RunningProgram.Stream = .pipe
    ) async throws -> ProgramResult {
        let program = try start(words, variables: variables, output: output)
        program.write(input)
        program.closeInput()
        return try await program.end()
    }

    /// The time this machine takes to start and end psparty under its present load: the unit for tests of speed. The
    /// median of five; about 10 ms on an idle machine.
    func startTime() async throws -> Duration {
        var times: [Duration] = []
        for _ in 0..<5 {
            let start = ContinuousClock.now
            try await psparty("--version")
            times.append(.now - start)
        }
        return times.sorted()[2]
    }

    func login(_ account: Int = 0, profile: String = "default") async throws {
        let result = try await psparty("login", "--npsso", "-", "--profile", profile, input: npsso(account) + "\n")
        try #require(result.status == 0, "\(result.stderr)")
    }

    // The simulator's control paths:

    @discardableResult
    func control(_ method: String, _ path: String, _ body: String? = nil) async throws -> JSON {
        // With curl, independent of our own code; it need not trust the certificate.
        var words = ["curl", "--silent", "--show-error", "--insecure", "--max-time", "20", "--noproxy", "*"]
        words += ["-X", method, server + "/_sim/" + path]
        if body != nil { words += ["--data-binary", "@-", "-H", "Content-Type: application/json"] }
        var environment = RunningProgram.Environment()
        environment.variables = Self.bare(scratch)
        let curl = try RunningProgram(words, environment)
        curl.write(body ?? "")
        curl.closeInput()
        let result = try await curl.end()
        try #require(result.status == 0, "\(result.stderr)")
        let answer = try JSON(result.stdout)
        try #require(answer["error"].string == nil, "\(result.stdout)")
        return answer
    }

    /// Adds a fault for requests to that path; `times` 0 means all.
    func fault(_ path: String, _ action: String, times: Int = 1, skip: Int = 0) async throws {
        try await control(
            "POST", "faults",
            #"{"match":{"path":"\#(path)","times":\#(times),"skip":\#(skip)},"action":\#(action)}"#)
    }

    /// The requests to that path, without control requests.
    func requests(_ path: String) async throws -> [JSON] {
        try await control("GET", "requests").array.filter { $0["target"].string?.contains(path) == true }
    }

    /// Waits until the service has got that many.
    func requested(_ path: String, _ count: Int = 1) async throws {
        try await eventually(.seconds(15), "\(count) of \(path)") { try await requests(path).count >= count }
    }

    /// Waits until an account has a push connection that gets events.
    func listening(_ account: String = "1000000000000000001") async throws {
        try await eventually(.seconds(15), "a ready push connection") {
            try await control("GET", "state")["sockets"].array.contains { socket in
                socket["accountId"].string == account && socket["ready"].bool == true
            }
        }
    }

    /// Sends something on an account's push connection, as soon as it has one.
    func push(_ act: String, to account: String = "A") async throws {
        try await eventually(.seconds(15), "a ready push connection") {
            let body = #"{"account":"\#(account)","push":\#(act)}"#
            return try await control("POST", "push", body)["sockets"].int ?? 0 > 0
        }
    }

    /// The close codes of the push connections that have ended.
    func closeCodes() async throws -> [Int?] {
        try await control("GET", "state")["endedSockets"].array.map(\.["code"].int)
    }

    /// An access token without a sign-in.
    func token(_ account: String = "A") async throws -> String {
        try #require(await control("POST", "token", #"{"account":"\#(account)"}"#)["accessToken"].string)
    }

    // The token file:

    var tokenFile: String { scratch("state/profiles/default/credentials.json") }

    /// The folder of an account within its profile's.
    func accountFolder(_ account: Int = 0) -> String {
        (announcement["accounts"].array[account]["accountId"].string ?? "") + "@"
            + server.replacing("https://", with: "")
    }

    func tokenBytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: tokenFile)) }

    /// Makes the stored token expired.
    func expireToken() throws {
        var text = String(decoding: try tokenBytes(), as: UTF8.self)
        let json = try JSON(text)
        let expiry = try #require(json["expiresAt"].text)
        let issue = try #require(json["issuedAt"].text)
        text = text.replacingOccurrences(of: expiry, with: "1700000000001")
            .replacingOccurrences(of: issue, with: "1700000000000")
        try Data(text.utf8).write(to: URL(fileURLWithPath: tokenFile))
    }
}

/// A JSON document to read from.
struct JSON: @unchecked Sendable {
    // Not changed after it is parsed.
    private let value: Any?

    init(_ text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    }

    private init(value: Any?) { self.value = value }

    subscript(key: String) -> JSON { JSON(value: (value as? [String: Any])?[key]) }
    subscript(index: Int) -> JSON { array[index] }
    var keys: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
    var array: [JSON] { (value as? [Any] ?? []).map { JSON(value: $0) } }
    var string: String? { value as? String }
    var int: Int? { value as? Int }
    var bool: Bool? { value as? Bool }
    var isNull: Bool { value is NSNull }
    /// A string or number as it would be written.
    var text: String? { string ?? int.map(String.init) }
}
