internal import CLinux
internal import CWebSockets
internal import Glibc

/// The limits of this process, looked at before the first thread: the runtime and the libraries trap, or wait forever, where
/// they run into one. For programs; a library leaves its host's limits alone.
package enum ProcessLimits {
    /// The most that a run needs.
    package struct Need: Sendable {
        var descriptors: Int
        /// Whether threads are started, with all the memory that their stacks and libraries reserve.
        package var startsThreads: Bool

        package init(descriptors: Int, startsThreads: Bool) {
            self.descriptors = descriptors
            self.startsThreads = startsThreads
        }
    }

    /// `listen` was seen to reserve 180 MB of address space and 70 MB of data at its height, and a recording that is read may
    /// double that; most of it is never touched.
    private static let addressSpace: rlim_t = 384 << 20
    private static let data: rlim_t = 192 << 20
    /// For the stack of the main thread, and of each other.
    private static let stack: rlim_t = 1 << 20
    /// For a command that starts no thread.
    private static let smallStack: rlim_t = 256 << 10
    private static let largestStack: rlim_t = 8 << 20
    /// From this limit of processes on, an attempt costs more than it is worth.
    private static let manyProcesses: rlim_t = 1024
    /// With 9 a `listen` was seen to end 5 s late.
    private static let threads = 10
    private static let usualDescriptors: rlim_t = 1024

    /// Raises the limits that are needed and may be raised.
    /// - Returns: the missing resource and a hint; `nil` if there is enough.
    package static func shortage(for need: Need) -> (problem: String, hint: String)? {
        let stack = need.startsThreads ? stack : smallStack
        if let found = shortageOfDescriptors(need.descriptors) ?? shortageOfStack(stack) { return found }
        guard need.startsThreads else { return nil }
        return shortageOfMemory() ?? shortageOfThreads()
    }

    private static func shortageOfDescriptors(_ need: Int) -> (problem: String, hint: String)? {
        var limit = limit(RLIMIT_NOFILE)
        var free = freeDescriptors(below: limit.rlim_cur, need)
        if free < need, limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, usualDescriptors))
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
                free = freeDescriptors(below: limit.rlim_cur, need)
            }
        }
        guard free < need else { return nil }
        return (
            "too few file descriptors: \(limit.rlim_cur) are allowed, \(free) of them are free, \(need) are needed",
            "raise the limit with `ulimit -n \(Int(limit.rlim_cur) + need - free)`, or higher"
        )
    }

    /// Counts free descriptors up to the needed number, from the highest, which are usually free.
    private static func freeDescriptors(below limit: rlim_t, _ need: Int) -> Int {
        var free = 0
        var descriptor = Int32(clamping: min(limit, rlim_t(Int32.max)))
        while descriptor > 0, free < need {
            descriptor -= 1
            if fcntl(descriptor, F_GETFD) < 0 { free += 1 }
        }
        return free
    }

    private static func shortageOfMemory() -> (problem: String, hint: String)? {
        let limits = [
            (RLIMIT_AS, addressSpace, "address space", "-v"), (RLIMIT_DATA, data, "data", "-d"),
        ]
        for (resource, need, name, option) in limits {
            let allowed = limit(resource).rlim_cur
            guard allowed < need else { continue }
            return (
                "too little memory: \(allowed >> 10) kB of \(name) are allowed, \(need >> 10) are needed",
                "raise the limit with `ulimit \(option) \(need >> 10)`, or higher"
            )
        }
        return nil
    }

    /// Threads get as much stack as the limit says, too little or far too much of it.
    private static func shortageOfStack(_ stack: rlim_t) -> (problem: String, hint: String)? {
        var limit = limit(RLIMIT_STACK)
        guard limit.rlim_cur < stack || (limit.rlim_cur > largestStack && limit.rlim_cur != rlim_t.max) else {
            return nil
        }
        party_set_stack_size(Int(min(max(limit.rlim_cur, stack), largestStack)))
        guard limit.rlim_cur < stack else { return nil }
        let given = limit.rlim_cur
        limit.rlim_cur = min(limit.rlim_max, stack)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit)
        guard limit.rlim_cur < stack else { return nil }
        return (
            "too little stack: \(given >> 10) kB are allowed, \(stack >> 10) are needed",
            "raise the limit with `ulimit -s \(stack >> 10)`, or higher"
        )
    }

    /// How many processes the user has cannot be asked cheaply; that threads start can be tried.
    private static func shortageOfThreads() -> (problem: String, hint: String)? {
        guard limit(__RLIMIT_NPROC).rlim_cur < manyProcesses, !party_threads_start(Int32(threads)) else { return nil }
        return (
            "too few processes are allowed to this user: not all of \(threads) threads can be started",
            "end some of the user's processes, or raise the limit with `ulimit -u`"
        )
    }

    private static func limit(_ resource: __rlimit_resource) -> rlimit {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
            return rlimit(rlim_cur: .max, rlim_max: .max)
        }
        return limit
    }
}
