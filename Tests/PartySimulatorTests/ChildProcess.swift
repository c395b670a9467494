import Glibc

@testable import PartySimulator

/// Runs another program to its end.
struct ChildProcess: Sendable {
    var status: Int32
    var output: String

    /// Waits on another thread: the server under test needs the cooperative pool.
    static func run(_ words: [String], input: String = "") async -> ChildProcess {
        var thread: Thread?
        let result = await withCheckedContinuation { continuation in
            thread = Thread { continuation.resume(returning: runBlocking(words, input: input)) }
            if thread == nil { continuation.resume(returning: ChildProcess(status: -1, output: "no thread")) }
        }
        thread?.join()
        return result
    }

    private static func runBlocking(_ words: [String], input: String) -> ChildProcess {
        var ends: [Int32] = [-1, -1, -1, -1]
        let isPiped = unsafe ends.withUnsafeMutableBufferPointer { ends in
            unsafe pipe(ends.baseAddress) == 0 && pipe(ends.baseAddress.map { unsafe $0 + 2 }) == 0
        }
        guard isPiped else { return ChildProcess(status: -1, output: "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[3], 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[3], 2)
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
        var child = pid_t()
        let failure = unsafe posix_spawnp(&child, words[0], &actions, nil, &arguments, environ)
        close(ends[0])
        close(ends[3])
        defer { close(ends[2]) }
        let bytes = Array(input.utf8)
        // Inputs here are shorter than a pipe holds.
        _ = unsafe write(ends[1], bytes, bytes.count)
        close(ends[1])
        guard failure == 0 else { return ChildProcess(status: -1, output: "\(words[0]) cannot be run") }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe read(ends[2], &buffer, buffer.count)
            if count <= 0 { break }
            output += buffer.prefix(count)
        }
        var status: Int32 = 0
        unsafe waitpid(child, &status, 0)
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
        return ChildProcess(status: code, output: String(decoding: output, as: UTF8.self))
    }
}

/// A server for one test, and curl pointed at it.
struct Loopback {
    let stage: Stage
    let server: LoopbackServer

    init(tls: LoopbackServer.TLS = .valid, _ change: (inout Scenario) -> Void = { _ in }) async throws {
        stage = Stage(change)
        server = try await LoopbackServer.start(service: stage.service, identity: LoopbackServer.Identity(tls))
    }

    func curl(_ words: [String], input: String = "") async -> ChildProcess {
        let trust = server.caFile.map { ["--cacert", $0] } ?? []
        let common = ["curl", "--silent", "--show-error", "--max-time", "20", "--noproxy", "*"]
        return await ChildProcess.run(common + trust + words, input: input)
    }

    func bearer(_ name: String) async -> [String] { ["-H", "Authorization: Bearer \(await stage.token(name))"] }
}
