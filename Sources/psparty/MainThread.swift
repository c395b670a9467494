internal import Dispatch
internal import Glibc
internal import Synchronization

/// Runs a command and its child tasks on the main thread.
///
/// A short command then starts no thread. Each thread costs 0.1 ms and would wait for the loading of libcurl, which runs
/// at the same time. Unstructured tasks use Swift's default executor.
final class MainThread: TaskExecutor {
    static let shared = MainThread()

    private let jobs = Mutex<[UnownedJob]>([])
    private let posted = DispatchSemaphore(value: 0)

    private init() {}

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        posted.signal()
    }

    /// Runs `body` and ends the process with its status. Exit handlers do not run, because a library may still work on its
    /// own thread. All output has been written by then.
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
