import Glibc

/// Starting an engine: what it inherits and what not.
enum EngineSpawn {
    /// A started process with our ends of its pipes.
    struct Child: Sendable {
        let pid: pid_t
        let input: Int32
        let output: Int32
    }

    /// A pipe whose ends do not wait and are not inherited.
    struct Pipe: Sendable {
        let reader: Int32
        let writer: Int32

        func close() {
            Glibc.close(reader)
            Glibc.close(writer)
        }
    }

    static func pipe() throws(PartyError) -> Pipe {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else {
            throw PartyError(.internalFault, "cannot make a pipe: \(errorText(errno))", step: "engine")
        }
        for end in ends { UnixSocket.setNonblocking(end) }
        return Pipe(reader: ends[0], writer: ends[1])
    }

    static func spawn(_ command: EngineCommand) throws(PartyError) -> Child {
        let input = try pipe()
        let output: Pipe
        do throws(PartyError) { output = try pipe() } catch {
            input.close()
            throw error
        }
        // The engine's own ends wait, as programs expect of their standard streams.
        for end in [input.reader, output.writer] { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) & ~O_NONBLOCK) }
        var pid = pid_t()
        closeForPrograms(but: command.descriptors)
        let failure = run(command, input: input.reader, output: output.writer, &pid)
        Glibc.close(input.reader)
        Glibc.close(output.writer)
        guard failure == 0 else {
            Glibc.close(input.writer)
            Glibc.close(output.reader)
            throw PartyError(
                .notFound, "the engine \(command.words.first ?? "") cannot be started: \(errorText(failure))",
                step: "engine",
                hint: "give the program and its arguments behind --, each as a word of its own")
        }
        return Child(pid: pid, input: input.writer, output: output.reader)
    }

    /// Libraries open files and sockets that programs would inherit, and keep open when we have closed them.
    static func closeForPrograms(but descriptors: [Int32] = []) {
        for descriptor in Int32(3)..<1024 where !descriptors.contains(descriptor) {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    private static func run(_ command: EngineCommand, input: Int32, output: Int32, _ pid: inout pid_t) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        setUp(&attributes)
        let environment = command.variables.map { "\($0.key)=\($0.value)" }
        return unsafe withCStrings(command.words) { words in
            unsafe withCStrings(environment) { environment in
                guard let program = unsafe words[0] else { return EINVAL }
                return unsafe posix_spawnp(&pid, program, &actions, &attributes, words, environment)
            }
        }
    }

    /// A group of its own, so that all of it can be ended, and no signal ignored that we ignore.
    static func setUp(_ attributes: inout posix_spawnattr_t) {
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

    static func withCStrings<Value>(
        _ words: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe copies.indices { unsafe free(copies[index]) } }
        return unsafe body(copies)
    }
}
