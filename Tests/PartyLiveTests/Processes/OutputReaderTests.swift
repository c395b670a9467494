import Glibc
import PartyTestSupport
import Testing

@testable import PartyLive

@Suite(.timeLimit(.minutes(5))) struct OutputReaderTests {
    /// What `waitUntilClosed` returns on a thread that blocks signals, as it must.
    private func waits(for output: Int32, pending: Int32? = nil) async throws -> Bool {
        let (results, post) = AsyncStream<Bool>.makeStream()
        try ServiceThread.start {
            // Directed to this thread, where it stays pending.
            if let pending { raise(pending) }
            post.yield(OutputReader.waitUntilClosed(output, orPending: [SIGUSR1]))
        }
        return try await within(.seconds(20), "the end of the wait") {
            for await result in results { return result }
            return false
        }
    }

    private func ends(isSocket: Bool) -> [Int32] {
        var ends: [Int32] = [-1, -1]
        _ = isSocket ? unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) : unsafe pipe(&ends)
        return ends
    }

    @Test(arguments: [false, true]) func `the reader's exit is noticed while nothing is written`(
        isSocket: Bool
    ) async throws {
        let ends = ends(isSocket: isSocket)
        async let isClosed = waits(for: ends[1])
        close(ends[0])
        #expect(try await isClosed)
        #expect(try await waits(for: ends[1]), "also if it exited before")
        close(ends[1])
    }

    @Test(arguments: [false, true]) func `a pending signal ends the wait, and counts more than the reader's exit`(
        hasExited: Bool
    ) async throws {
        let ends = ends(isSocket: false)
        if hasExited { close(ends[0]) }
        #expect(try await !waits(for: ends[1], pending: SIGUSR1))
        for end in hasExited ? [ends[1]] : ends { close(end) }
    }

    @Test(arguments: ["/dev/null", "file", "closed"]) func `other outputs return at once`(
        kind: String
    ) async throws {
        let scratch = try ScratchFolder()
        let path = kind == "/dev/null" ? kind : scratch("out")
        let output = kind == "closed" ? -1 : unsafe open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(try await !waits(for: output))
        if output >= 0 { close(output) }
    }
}
