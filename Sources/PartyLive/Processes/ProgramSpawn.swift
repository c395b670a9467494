import CLinux
import Glibc
import PartyCore

/// Starts a program of the user without a shell, and decides what it inherits.
enum ProgramSpawn {
    /// Its standard input and output. Its standard error is ours.
    struct Streams {
        let input: Int32
        let output: Int32
    }

    /// - Parameter words: the program, a path or a name to look for in `PATH`, and its arguments.
    /// - Parameter variables: its whole environment.
    /// - Parameter descriptors: open files that it shall have beside its streams.
    /// - Returns: its id, or else why there is none, as a number of `errno`.
    static func start(
        _ words: [String], _ variables: [String: String], _ streams: Streams, but descriptors: [Int32] = []
    ) -> (pid: pid_t?, problem: Int32) {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, streams.input, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, streams.output, STDOUT_FILENO)
        unsafe closeOthers(but: descriptors, &actions)
        setUp(&attributes)
        var pid = pid_t()
        let problem = unsafe withCStrings(words) { words in
            unsafe withCStrings(variables.map { "\($0.key)=\($0.value)" }) { variables in
                guard let program = unsafe words[0] else { return EINVAL }
                return unsafe posix_spawnp(&pid, program, &actions, &attributes, words, variables)
            }
        }
        guard problem == 0 else { return (nil, problem) }
        RunningPrograms.add(pid)
        return (pid, 0)
    }

    /// Closes, in the program alone, all descriptors that it must not inherit. The flags of this process's descriptors stay as
    /// they are: some of them belong to the code that uses the library.
    private static func closeOthers(but descriptors: [Int32], _ actions: inout posix_spawn_file_actions_t) {
        var first: Int32 = 3
        for kept in Set(descriptors).sorted() where kept >= first {
            for other in first..<kept { unsafe posix_spawn_file_actions_addclose(&actions, other) }
            first = kept + 1
        }
        unsafe party_close_in_program(&actions, first)
    }

    /// A process group of its own: the terminal sends it no signals, and we end the whole group when we end. No signal is
    /// ignored that we ignore.
    private static func setUp(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    private static func withCStrings<Value>(
        _ words: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe copies.indices { unsafe free(copies[index]) } }
        return unsafe body(copies)
    }
}
