import Glibc
import Testing

@testable import PartyCore
@testable import PartyLive

struct PipeWriterTests {
    private func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(unsafe Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    /// The available bytes; `nil` if there are none yet.
    private func read(_ descriptor: Int32) -> [UInt8]? {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : Array(bytes[..<count])
    }

    @Test func `a write to a full pipe does not block, and the pipe stays blocking for others`() throws {
        let (reading, writing) = try pipe()
        defer { close(reading) }
        let write = try #require(PipeWriter.writer(to: writing))
        #expect(write([1, 2, 3]) == 3)
        #expect(read(reading) == [1, 2, 3])
        let much = [UInt8](repeating: 7, count: 1 << 20)
        let taken = write(much)
        #expect(taken >= 64 << 10 && taken < much.count)
        // Now the pipe has its greatest capacity.
        while write(much) > 0 {}
        #expect(write([1]) == 0)
        #expect(fcntl(writing, F_GETFL) & O_NONBLOCK == 0)
        close(writing)
    }

    @Test func `the writer keeps no descriptor of the pipe open`() throws {
        let (reading, writing) = try pipe()
        defer { close(reading) }
        let write = try #require(PipeWriter.writer(to: writing))
        #expect(write([1]) == 1)
        close(writing)
        #expect(read(reading) == [1])
        #expect(read(reading) == [], "the end of the pipe: no writer is left")
        #expect(write([1]) == 0)
    }

    @Test func `a pipe without a reader and other files are refused`() throws {
        _ = signal(SIGPIPE, SIG_IGN)
        let (reading, writing) = try pipe()
        let write = try #require(PipeWriter.writer(to: writing))
        close(reading)
        #expect(write([1]) == 0)
        close(writing)
        let null = unsafe open("/dev/null", O_WRONLY)
        #expect(PipeWriter.writer(to: null) == nil)
        close(null)
    }
}
