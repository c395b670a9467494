import Glibc
import PartySimulator

/// The simulator in the background, seen from the commands that start and stop it.
struct Daemon {
    let folder: StateFolder
    /// How long a daemon may take to get ready, or to go.
    private static let patience = 20_000

    /// Starts this program in the background, waits until it serves, and prints its environment.
    func start() throws(Failure) {
        // One start at a time: a second one finds the first one's daemon instead of clearing its folder away.
        let turn = try awaited("another start does not end") { () throws(Failure) in try folder.turn() }
        defer { close(turn) }
        try folder.make()
        if folder.holder() != nil {
            let exports = try awaited("the running daemon does not get ready") { folder.published() }
            Terminal.complain("already running; this is the environment of the running one")
            try Terminal.say(Self.trimmed(exports))
            return
        }
        // A killed daemon leaves things behind.
        folder.remove()
        try folder.make()
        let child = try spawn()
        let exports = try awaited("the daemon does not get ready") { () throws(Failure) in
            if let exports = folder.published() { return exports }
            var status: Int32 = 0
            guard unsafe waitpid(child, &status, WNOHANG) == 0 else {
                let words = folder.lastWords()
                folder.remove()
                throw .internalError(words ?? "the daemon ended before it was ready")
            }
            return nil
        }
        try Terminal.say(Self.trimmed(exports))
    }

    /// Ends the daemon and waits until it is gone.
    func stop() throws(Failure) {
        guard let pid = folder.holder() else {
            Terminal.complain("nothing is running")
            folder.remove()
            return
        }
        kill(pid, SIGTERM)
        _ = try awaited("the daemon does not end") { folder.holder() == nil ? true : nil }
        folder.remove()
    }

    /// Asks until there is an answer or the patience is over.
    private func awaited<Answer>(
        _ complaint: String, _ ask: () throws(Failure) -> Answer?
    ) throws(Failure) -> Answer {
        for _ in 0..<Self.patience / 20 {
            if let answer = try ask() { return answer }
            usleep(20_000)
        }
        throw .internalError(complaint)
    }

    private static func trimmed(_ text: String) -> String {
        text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// A copy of this process in a session of its own, without our standard streams, so that `$(…)` returns.
    private func spawn() throws(Failure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for descriptor in Int32(0)...1 {
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 2, folder.log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var child = ChildAttributes(isSessionLeader: true)
        // It outlives us, and would keep open what our own parent has left to us.
        for descriptor in Int32(3)..<1024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let arguments = CommandLine.arguments.filter { $0 != "--daemon" } + ["--background"]
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        var pid = pid_t()
        guard unsafe posix_spawn(&pid, "/proc/self/exe", &actions, &child.attributes, &words, environ) == 0 else {
            throw .internalError("the daemon cannot be started")
        }
        return pid
    }
}
