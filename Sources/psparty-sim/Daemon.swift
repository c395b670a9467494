import Glibc
import PartySimulator

/// Starts and stops the simulator in the background.
struct Daemon {
    let folder: StateFolder
    /// How long a daemon may take to start or to stop, in milliseconds.
    private static let startTimeout = 20_000

    /// Starts this program in the background, waits until it serves, and prints its environment.
    func start() throws(Failure) {
        // One start at a time: a second start then finds the daemon of the first, instead of deleting its folder.
        let turn = try awaited("another psparty-sim --daemon did not finish starting within 20 s") {
            () throws(Failure) in try folder.turn()
        }
        defer { close(turn) }
        try folder.make()
        if folder.holder() != nil {
            let exports = try awaited("the running daemon did not become ready within 20 s") { folder.published() }
            Terminal.note("# already running; the options of its own start apply")
            try Self.tell(exports)
            return
        }
        // Remove what a killed daemon left.
        folder.remove()
        try folder.make()
        let child = try spawn()
        let exports = try awaited("the daemon did not become ready within 20 s") { () throws(Failure) in
            if let exports = folder.published() { return exports }
            var status: Int32 = 0
            guard unsafe waitpid(child, &status, WNOHANG) == 0 else {
                let words = folder.lastWords()
                folder.remove()
                throw .internalError(words ?? "the daemon ended before it was ready")
            }
            return nil
        }
        try Self.tell(exports)
    }

    /// Prints the notes of the published text on standard error, and then its exports on standard output.
    static func tell(_ published: String) throws(Failure) {
        let lines = published.split(separator: "\n", omittingEmptySubsequences: false)
        let notes = lines.prefix { $0.hasPrefix("#") }
        for note in notes { Terminal.note(String(note)) }
        let exports = lines.dropFirst(notes.count).joined(separator: "\n")
        try Terminal.say(exports.hasSuffix("\n") ? String(exports.dropLast()) : exports)
    }

    /// Stops the daemon and waits until it has ended.
    func stop() throws(Failure) {
        guard let pid = folder.holder() else {
            Terminal.complain("no simulator is running in the background")
            folder.remove()
            return
        }
        kill(pid, SIGTERM)
        _ = try awaited("the daemon (pid \(pid)) did not end within 20 s") { folder.holder() == nil ? true : nil }
        folder.remove()
    }

    /// Polls until there is a result or the time is over.
    private func awaited<Answer>(
        _ complaint: String, _ ask: () throws(Failure) -> Answer?
    ) throws(Failure) -> Answer {
        for _ in 0..<Self.startTimeout / 20 {
            if let answer = try ask() { return answer }
            usleep(20_000)
        }
        throw .internalError(complaint)
    }

    /// Starts a copy of this process in its own session, without our standard streams, so that `$(…)` returns.
    private func spawn() throws(Failure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...1 {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 2, folder.log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var child = ChildAttributes(isSessionLeader: true)
        // The daemon outlives this process and must not keep inherited descriptors open.
        for descriptor in Int32(3)..<1024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let arguments = CommandLine.arguments.filter { $0 != "--daemon" } + ["--background"]
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        var pid = pid_t()
        guard unsafe posix_spawn(&pid, "/proc/self/exe", &actions, &child.attributes, &words, environ) == 0 else {
            throw .internalError("cannot start the daemon process")
        }
        return pid
    }
}
