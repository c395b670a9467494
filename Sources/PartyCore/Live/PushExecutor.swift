internal import Dispatch
internal import Synchronization

/// Where what the push stream brings is worked on: on a thread of its own while much comes, and on the socket's thread, which
/// has nothing else to do then, while little does. For a single frame the change of threads would cost more than all else.
///
/// One job runs at a time. None may wait for anything outside the process: keepalive would wait with it.
public final class PushExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        /// Somebody runs jobs, and looks for more before he stops.
        var isRunning = false
        /// The socket's thread will look for jobs in a moment.
        var isAwaited = false
        var hasThread = false
    }

    /// The one of this process.
    public static let shared = PushExecutor()

    private let state = Mutex(State())
    private let posted = DispatchSemaphore(value: 0)

    /// So many jobs at most are run on the socket's thread at a time: those of one frame are fewer.
    static let portion = 32

    init() {}

    /// Whether nothing runs or waits to run.
    var isAtRest: Bool { state.withLock { !$0.isRunning && $0.jobs.isEmpty } }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isUnattended = state.withLock { state in
            state.jobs.append(job)
            return !state.isRunning && !state.isAwaited
        }
        if isUnattended { callThread() }
    }

    /// For the socket's thread: does `body`, which enqueues jobs, and runs them right here, unless others run already.
    func accompany(_ body: () -> Void) {
        state.withLock { $0.isAwaited = true }
        body()
        let isFree = state.withLock { state in
            state.isAwaited = false
            return !state.isRunning
        }
        if isFree, !run(atMost: Self.portion) { callThread() }
    }

    private func callThread() {
        if hasThread() { posted.signal() } else { _ = run(atMost: .max) }
    }

    private func hasThread() -> Bool {
        let isThere = state.withLock { state in
            defer { state.hasThread = true }
            return state.hasThread
        }
        if isThere { return true }
        do throws(TransportError) {
            try ServiceThread.start { [self] in
                while true {
                    posted.wait()
                    _ = run(atMost: .max)
                }
            }
            return true
        } catch {
            state.withLock { $0.hasThread = false }
            return false
        }
    }

    /// - Returns: whether nothing is left, or somebody else runs it.
    private func run(atMost limit: Int) -> Bool {
        var count = 0
        while let jobs = next(isFirst: count == 0, isEnough: count >= limit) {
            for job in jobs { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
            count += jobs.count
        }
        return count < limit
    }

    /// What to run next; `nil` where it is not for the caller to run anything now.
    private func next(isFirst: Bool, isEnough: Bool) -> [UnownedJob]? {
        state.withLock { state in
            if isFirst, state.isRunning { return nil }
            state.isRunning = !state.jobs.isEmpty && !isEnough
            guard state.isRunning else { return nil }
            defer { state.jobs = [] }
            return state.jobs
        }
    }
}
