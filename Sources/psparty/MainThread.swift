internal import Dispatch
internal import Glibc
internal import Synchronization

/// The main thread as the place where a command runs, with the tasks that belong to it.
///
/// A short command then has no thread started for it: each would cost it a tenth of a millisecond, and would have to wait
/// until libcurl is loaded, which goes on meanwhile. Tasks that stand for themselves run where Swift has them run.
final class MainThread: TaskExecutor {
    /// The one of this process.
    static let shared = MainThread()

    private let jobs = Mutex<[UnownedJob]>([])
    private let posted = DispatchSemaphore(value: 0)

    private init() {}

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        posted.signal()
    }

    /// Runs `body`, and ends the process with the status it returns. No library is tidied up, as it may still be at work on
    /// its thread; what had to be written has been written.
    static func run(_ body: @escaping @Sendable () async -> Int32) -> Never {
        let thread = shared
        Task(executorPreference: thread) { _exit(await body()) }
        while true {
            thread.posted.wait()
            let job = thread.jobs.withLock { $0.removeFirst() }
            unsafe job.runSynchronously(on: thread.asUnownedTaskExecutor())
        }
    }
}
