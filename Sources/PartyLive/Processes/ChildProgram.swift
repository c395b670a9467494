internal import CLinux
internal import Glibc
package import PartyCore
internal import Synchronization

/// A program of the user, run without a shell, one run after the other, each in a process group of its own. Its output
/// goes to our standard error.
package final class ChildProgram: Sendable {
    /// How a run ended.
    package enum End: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
        case notStarted(String)
        /// It exited, and the system has no status of it: this process ignores SIGCHLD.
        case unknown
        /// `end` came first or in between.
        case stopped
    }

    private struct State {
        var running: pid_t?
        var isStopped = false
    }

    private let path: String
    private let variables: [String: String]
    private let state = Mutex(State())

    /// - Parameter name: a path, or a name to look for in `PATH`.
    /// - Parameter variables: the environment that it gets.
    /// - Throws: `.notFound` if there is no such program.
    package init(_ name: String, variables: [String: String]) throws(PartyError) {
        guard let path = Self.find(name, in: variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") else {
            throw PartyError(.notFound, "there is no executable program \(name)", step: "exec")
        }
        self.path = path
        self.variables = variables
    }

    private static func find(_ name: String, in path: String) -> String? {
        let places = name.contains("/") ? [name] : path.split(separator: ":").map { "\($0)/\(name)" }
        return places.first { place in
            var info = stat()
            return unsafe stat(place, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(place, X_OK) == 0
        }
    }

    /// Runs it to its end, with that on its standard input and those variables beside the others. Blocks.
    package func run(input: [UInt8], variables more: [String: String]) -> End {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return .notStarted(errorText(errno)) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (child, problem) = start(input: ends[0], more)
        close(ends[0])
        // A program need not read its input.
        if child != nil { PipeSignal.blocked { Self.write(input, to: ends[1]) } }
        close(ends[1])
        guard let child else { return problem == 0 ? .stopped : .notStarted(errorText(problem)) }
        return reap(child)
    }

    /// A file that was just written may still be open for writing, for example in a child that another thread has forked.
    private func start(input: Int32, _ more: [String: String]) -> (pid_t?, Int32) {
        var tries = 0
        while true {
            let (child, problem) = state.withLock { state -> (pid_t?, Int32) in
                guard !state.isStopped else { return (nil, 0) }
                let streams = ProgramSpawn.Streams(input: input, output: STDERR_FILENO)
                let (child, problem) = ProgramSpawn.start([path], variables.merging(more) { $1 }, streams)
                state.running = child
                return (child, problem)
            }
            tries += 1
            guard problem == ETXTBSY, tries < 20 else { return (child, problem) }
            usleep(10_000)
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private func reap(_ child: pid_t) -> End {
        var info = unsafe siginfo_t()
        // Not reaped until no other thread can signal that number.
        while unsafe waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return state.withLock { state in
            var status: Int32 = 0
            RunningPrograms.remove(child)
            let isTold = unsafe waitpid(child, &status, 0) == child
            state.running = nil
            if state.isStopped { return .stopped }
            guard isTold else { return .unknown }
            return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
        }
    }

    /// Starts no more runs, and kills the running one with its child processes.
    /// - Parameter firmly: whether it has no say in that.
    package func end(firmly: Bool) {
        state.withLock { state in
            state.isStopped = true
            if let running = state.running { kill(-running, firmly ? SIGKILL : SIGTERM) }
        }
    }
}
