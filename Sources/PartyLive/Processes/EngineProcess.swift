internal import CLinux
import Glibc
public import PartyCore
import Synchronization

/// A running engine: a process in a group of its own, and the thread that owns its pipes.
final class EngineProcess: Sendable {
    private struct State: Sendable {
        var outgoing: [UInt8] = []
        /// Bytes that the thread has taken over and the engine has not: they count against the limit as well.
        var held = 0
        var output: [EngineLink.Output] = []
        var reader: CheckedContinuation<[EngineLink.Output]?, Never>?
        var stoppers: [CheckedContinuation<Void, Never>] = []
        var isStopping = false
        var exit: EngineLink.End?
        /// Nothing comes any more, and the process is gone.
        var isOver = false
    }

    private let state = Mutex(State())
    private let child: EngineSpawn.Child
    private let wake: EngineSpawn.Pipe
    private let limits: EngineLink.Limits

    private init(_ child: EngineSpawn.Child, _ wake: EngineSpawn.Pipe, _ limits: EngineLink.Limits) {
        self.child = child
        self.wake = wake
        self.limits = limits
    }

    /// Starts a program without a shell, looked for along PATH; its standard error is ours.
    /// - Throws: `.notFound` if there is no such program, or if it is not executable.
    static func start(_ command: EngineCommand, limits: EngineLink.Limits) throws(PartyError) -> EngineLink {
        let wake = try EngineSpawn.pipe()
        let child: EngineSpawn.Child
        do throws(PartyError) { child = try EngineSpawn.spawn(command) } catch {
            wake.close()
            throw error
        }
        let process = EngineProcess(child, wake, limits)
        do throws(TransportError) {
            try ServiceThread.start { process.serve() }
            try ServiceThread.start { process.awaitExit() }
        } catch {
            kill(-child.pid, SIGKILL)
            throw PartyError(.internalFault, "the engine cannot be served: \(error.detail)", step: "engine")
        }
        return process.link
    }

    private var link: EngineLink {
        EngineLink(
            output: AsyncStream(unfolding: { [self] in await next() }, onCancel: {}),
            send: { [self] bytes in take(bytes) }, stop: { [self] in await stop() })
    }

    // MARK: From the tasks

    private func next() async -> [EngineLink.Output]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: [EngineLink.Output]?? = state.withLock { state in
                    if !state.output.isEmpty {
                        defer { state.output = [] }
                        return .some(state.output)
                    }
                    guard !state.isOver, !Task.isCancelled else { return .some(nil) }
                    state.reader = continuation
                    return .none
                }
                if let ready { continuation.resume(returning: ready) }
                rouse()
            }
        } onCancel: {
            state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }?.resume(returning: nil)
        }
    }

    private func take(_ bytes: [UInt8]) -> Bool {
        let isTaken = state.withLock { state in
            guard state.held + state.outgoing.count + bytes.count <= limits.waiting else { return false }
            if state.exit == nil, !state.isStopping { state.outgoing += bytes }
            return true
        }
        rouse()
        return isTaken
    }

    private func stop() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.isStopping = true
                if !state.isOver { state.stoppers.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() } else { rouse() }
        }
    }

    private func rouse() {
        unsafe _ = write(wake.writer, [0], 1)
    }

    // MARK: The threads

    private func awaitExit() {
        var info = unsafe siginfo_t()
        // Not reaped yet, so that the id of the group stays valid until the group is ended.
        var isTold = unsafe waitid(P_PID, id_t(child.pid), &info, WEXITED | WNOWAIT) == 0
        while !isTold, errno == EINTR { isTold = unsafe waitid(P_PID, id_t(child.pid), &info, WEXITED | WNOWAIT) == 0 }
        let status = unsafe info._sifields._sigchld.si_status
        let isExit = unsafe info.si_code == Int32(CLD_EXITED)
        let end: EngineLink.End = isExit ? .exited(status: status) : .killed(signal: status)
        // With SIGCHLD ignored the call fails after the process has exited.
        state.withLock { $0.exit = isTold ? end : .unknown }
        rouse()
    }

    private func serve() {
        var pipes = EnginePipes(input: child.input, output: child.output, lineLimit: limits.line)
        var ending = EngineEnding(group: child.pid, patience: limits.patience)
        var pause = PollPause()
        while true {
            let (outgoing, mayRead, isStopping, exit) = state.withLock { state in
                defer { state.outgoing = [] }
                state.held += state.outgoing.count
                return (state.outgoing, state.output.count < 64, state.isStopping, state.exit)
            }
            pipes.add(outgoing)
            if isStopping { pipes.endInput() }
            let lines = pipes.exchange(mayRead: mayRead)
            if !lines.isEmpty { hand(lines) }
            state.withLock { $0.held = pipes.waiting.count }
            // Other processes of its group may hold its output open; that output is ignored.
            if let exit, isStopping || !pipes.hasMore || (mayRead && lines.isEmpty) {
                finish(exit, &pipes)
                return
            }
            var timeout = isStopping ? ending.advance() : -1
            if exit != nil, mayRead { timeout = 0 }
            let isRefused = !pipes.wait(for: wake.reader, mayRead: mayRead, timeout: timeout)
            // An engine that cannot be served is killed; the other thread finds its end.
            if !pause.mayGoOn(afterRefusal: isRefused) { kill(-child.pid, SIGKILL) }
        }
    }

    /// - Parameter isLast: nothing comes any more, and the process is gone. Told with the last output, or a reader that comes
    ///   in between would wait forever.
    private func hand(_ lines: [EngineLink.Output], isLast: Bool = false) {
        let (reader, ready) = state.withLock { state in
            state.output += lines
            state.isOver = isLast
            let reader = state.reader
            state.reader = nil
            guard reader != nil else { return (reader, [EngineLink.Output]()) }
            defer { state.output = [] }
            return (reader, state.output)
        }
        reader?.resume(returning: ready)
    }

    private func finish(_ exit: EngineLink.End, _ pipes: inout EnginePipes) {
        pipes.close()
        // All processes of the group belong to the engine.
        kill(-child.pid, SIGKILL)
        var status: Int32 = 0
        RunningPrograms.remove(child.pid)
        while unsafe waitpid(child.pid, &status, 0) < 0, errno == EINTR {}
        hand([.ended(exit)], isLast: true)
        let stoppers = state.withLock(\.stoppers)
        for stopper in stoppers { stopper.resume() }
    }

    deinit { wake.close() }
}

/// The steps that end a process group which does not exit by itself.
private struct EngineEnding {
    private let group: pid_t
    private let patience: Int64
    private var startedAt: Int64?
    private var wasAsked = false
    private var wasKilled = false

    init(group: pid_t, patience: Duration) {
        self.group = group
        self.patience = patience.inMilliseconds
    }

    /// Takes the step that is due, and returns the milliseconds until the next one.
    mutating func advance() -> Int32 {
        let now = Self.milliseconds()
        let start = startedAt ?? now
        startedAt = start
        if now - start >= patience, !wasAsked {
            wasAsked = true
            kill(-group, SIGTERM)
        }
        if now - start >= 2 * patience, !wasKilled {
            wasKilled = true
            kill(-group, SIGKILL)
        }
        guard !wasKilled else { return 100 }
        return Int32(max(1, start + (wasAsked ? 2 : 1) * patience - now))
    }

    private static func milliseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension EngineLink {
    /// Starts a program as an engine.
    /// - Throws: `.notFound` if there is no such program, or if it is not executable.
    public static func start(_ command: EngineCommand, limits: Limits = Limits()) throws(PartyError) -> EngineLink {
        try EngineProcess.start(command, limits: limits)
    }
}
