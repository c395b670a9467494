import Glibc
import PartyCore

/// Starting an engine, with pipes to it and from it.
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
        let streams = ProgramSpawn.Streams(input: input.reader, output: output.writer)
        let (pid, failure) = ProgramSpawn.start(command.words, command.variables, streams, but: command.descriptors)
        Glibc.close(input.reader)
        Glibc.close(output.writer)
        guard let pid else {
            Glibc.close(input.writer)
            Glibc.close(output.reader)
            throw PartyError(
                .notFound, "the engine \(command.words.first ?? "") cannot be started: \(errorText(failure))",
                step: "engine",
                remedy: .separateEngineWords)
        }
        return Child(pid: pid, input: input.writer, output: output.reader)
    }
}
