internal import Foundation
package import Glibc
internal import Synchronization

/// The result of a program.
package struct ProgramResult: Sendable {
    package let stdout: String
    package let stderr: String
    /// The exit status as in a shell: 128 plus the number for a signal.
    package let status: Int32
    /// Processor time, user and system together.
    package let cpuTime: Duration
}

/// A program that runs while the test does: its lines, signals and end.
package final class RunningProgram: Sendable {
    /// The kind of a program's standard input or output.
    package enum Stream: Sendable, Equatable {
        case pipe
        case closed
        case file(String)
    }

    /// The environment of a program. It gets these variables only.
    package struct Environment: Sendable {
        package var variables: [String: String] = [:]
        package var directory: String?
        package var input = Stream.pipe
        package var output = Stream.pipe

        package init() {}
    }

    package let pid: pid_t
    private let name: String
    private let input: Mutex<Int32>
    private let stdout: Pipe
    private let stderr: Pipe
    private let exit = Tape<Exit>()
    private let isReaped = Mutex(false)

    private struct Exit: Sendable {
        let status: Int32
        let cpuTime: Duration
    }

    /// Programs are started one at a time, so that no child inherits the pipes of another.
    private static let isSpawning = Mutex(())

    package init(_ words: [String], _ environment: Environment) throws {
        let spawned = try Self.isSpawning.withLock { _ in try Self.spawn(words, environment) }
        name = words[0].split(separator: "/").last.map(String.init) ?? words[0]
        pid = spawned.pid
        stdout = spawned.stdout
        stderr = spawned.stderr
        input = Mutex(spawned.input)
        if environment.input != .pipe { closeInput() }
        stdout.start()
        stderr.start()
        Foundation.Thread.detachNewThread { self.reap() }
    }

    private struct Spawned: Sendable {
        let pid: pid_t
        let input: Int32
        let stdout: Pipe
        let stderr: Pipe
    }

    private static func spawn(_ words: [String], _ environment: Environment) throws -> Spawned {
        // `env -C` execs the program, so the process id stays.
        let words = environment.directory.map { ["/usr/bin/env", "-C", $0] + words } ?? words
        let stdout = try Pipe()
        let stderr = try Pipe()
        let (inputRead, inputWrite) = try Pipe.ends()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe place(environment.input, pipe: inputRead, at: 0, &actions)
        unsafe place(environment.output, pipe: stdout.writeEnd, at: 1, &actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, stderr.writeEnd, 2)
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        let pairs = environment.variables.map { "\($0.key)=\($0.value)" }
        var variables: [UnsafeMutablePointer<CChar>?] = unsafe pairs.map { unsafe strdup($0) } + [nil]
        defer { unsafe release(arguments + variables) }
        var child = pid_t()
        let failure = unsafe posix_spawnp(&child, words[0], &actions, nil, &arguments, &variables)
        close(inputRead)
        stdout.closeWriteEnd()
        stderr.closeWriteEnd()
        guard failure == 0 else { throw DeadlinePassed(description: "\(words[0]) does not start: error \(failure)") }
        return Spawned(pid: child, input: inputWrite, stdout: stdout, stderr: stderr)
    }

    private static func release(_ words: [UnsafeMutablePointer<CChar>?]) {
        for index in unsafe words.indices { unsafe free(words[index]) }
    }

    private static func place(
        _ stream: Stream, pipe: Int32, at descriptor: Int32, _ actions: inout posix_spawn_file_actions_t
    ) {
        switch stream {
        case .pipe: unsafe posix_spawn_file_actions_adddup2(&actions, pipe, descriptor)
        case .closed: unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        case .file(let path): unsafe posix_spawn_file_actions_addopen(&actions, descriptor, path, O_RDWR, 0)
        }
    }

    private func reap() {
        var info = unsafe siginfo_t()
        // Not reaped until no test can signal this process id any more.
        while unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        isReaped.withLock { isReaped in
            var status: Int32 = 0
            var usage = rusage()
            unsafe wait4(pid, &status, 0, &usage)
            isReaped = true
            let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
            let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
            let micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
            exit.append(Exit(status: code, cpuTime: .seconds(seconds) + .microseconds(micros)))
        }
    }

    /// The next line of standard output; `nil` at its end.
    package func line(_ limit: Duration = .seconds(20)) async throws -> String? {
        try await stdout.line(limit, "a line of \(name)")
    }

    /// The next line of standard error; `nil` at its end.
    package func errorLine(_ limit: Duration = .seconds(20)) async throws -> String? {
        try await stderr.line(limit, "a line of \(name) on standard error")
    }

    package func write(_ text: String) {
        let bytes = Array(text.utf8)
        input.withLock { descriptor in
            if descriptor >= 0 { _ = unsafe Glibc.write(descriptor, bytes, bytes.count) }
        }
    }

    package func closeInput() {
        input.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    package func signal(_ number: Int32) {
        isReaped.withLock { isReaped in
            if !isReaped { kill(pid, number) }
        }
    }

    /// Waits for the end; kills the program if it does not end in time.
    package func end(within limit: Duration = .seconds(30)) async throws -> ProgramResult {
        do {
            let exit = try await within(limit, "the end of \(name)") { [exit] in try await exit.value(at: 0) }
            try await within(.seconds(10), "the end of \(name)'s output") { [stdout, stderr] in
                try await stdout.ended()
                try await stderr.ended()
            }
            guard let exit else { throw CancellationError() }
            return ProgramResult(
                stdout: stdout.text, stderr: stderr.text, status: exit.status, cpuTime: exit.cpuTime)
        } catch {
            signal(SIGKILL)
            throw DeadlinePassed(description: "\(error); standard error so far: \(stderr.text)")
        }
    }
}

extension RunningProgram {
    /// One of the child's outputs: its bytes, and the number of lines that were read.
    private final class Pipe: Sendable {
        let writeEnd: Int32
        private let readEnd: Int32
        private let lines = Tape<String>()
        private let bytes = Mutex<[UInt8]>([])
        private let taken = Mutex(0)

        init() throws {
            (readEnd, writeEnd) = try Self.ends()
        }

        static func ends() throws -> (read: Int32, write: Int32) {
            var ends: [Int32] = [-1, -1]
            guard unsafe pipe(&ends) == 0 else { throw DeadlinePassed(description: "no pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }

        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

        /// Call this once the child has its copy.
        func closeWriteEnd() { close(writeEnd) }

        func start() {
            Foundation.Thread.detachNewThread { self.read() }
        }

        private func read() {
            var buffer = [UInt8](repeating: 0, count: 65536)
            var rest: [UInt8] = []
            while true {
                let count = unsafe Glibc.read(readEnd, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                bytes.withLock { $0 += buffer[..<count] }
                rest += buffer[..<count]
                var parts = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
                let tail = parts.removeLast()
                for part in parts { lines.append(String(decoding: part, as: UTF8.self)) }
                rest = Array(tail)
            }
            if !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
            close(readEnd)
            lines.end()
        }

        func line(_ limit: Duration, _ what: String) async throws -> String? {
            let index = taken.withLock { taken in
                defer { taken += 1 }
                return taken
            }
            return try await within(limit, what) { [lines] in try await lines.value(at: index) }
        }

        func ended() async throws { try await lines.ended() }
    }
}
