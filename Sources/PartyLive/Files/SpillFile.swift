internal import Glibc
package import PartyCore
internal import Synchronization

/// Lines beyond the limit of memory, in unlinked files, so that they are gone at any end of the process. Lines that were
/// read free their disk space, a segment at a time.
///
/// One thread appends and one reads, at the same time.
package final class SpillFile: Sendable {
    private struct Segment {
        let descriptor: Int32
        var written = 0
        var read = 0
    }

    private let folders: [String]
    private let random: PartyRandom
    private let segments = Mutex<[Segment]>([])

    private static let segmentSize = 64 << 20
    private static let readSize = 256 << 10

    /// Touches nothing yet.
    /// - Parameter folders: the candidates; the first writable one is used.
    package init(in folders: [String], random: PartyRandom) {
        self.folders = folders
        self.random = random
    }

    deinit {
        segments.withLock { segments in
            for segment in segments { close(segment.descriptor) }
        }
    }

    /// Appends whole lines.
    /// - Throws: `.unwritable`, for a disk that is full, say.
    func append(_ lines: [UInt8]) throws(StoreError) {
        let (descriptor, offset) = try place()
        var rest = lines[...]
        while !rest.isEmpty {
            let position = off_t(offset + lines.count - rest.count)
            let count = unsafe rest.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, position) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure }
            rest = rest.dropFirst(count)
        }
        segments.withLock { $0[$0.count - 1].written += lines.count }
    }

    private static var failure: StoreError {
        StoreError(.unwritable, "the lines that wait for a slow reader cannot be kept in a file: " + errorText(errno))
    }

    private func place() throws(StoreError) -> (descriptor: Int32, offset: Int) {
        let last = segments.withLock(\.last)
        if let last, last.written < Self.segmentSize { return (last.descriptor, last.written) }
        let made = try make()
        segments.withLock { $0.append(Segment(descriptor: made)) }
        return (made, 0)
    }

    private func make() throws(StoreError) -> Int32 {
        for folder in folders where (try? PrivateFile.makeFolder(folder)) != nil {
            // O_TMPFILE, which Swift does not see: the file never has a name. Not every file system can.
            let nameless = unsafe open(folder, 0o20_000_000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
            if nameless >= 0 { return nameless }
            let path = folder + "/.spill." + random.uuid()
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { continue }
            unsafe unlink(path)
            return descriptor
        }
        throw Self.failure
    }

    /// The oldest lines, about 256 kB of them and at least one; empty if all have been read.
    func readLines() throws(StoreError) -> [UInt8] {
        var size = Self.readSize
        while true {
            guard let segment = current() else { return [] }
            let block = try read(min(size, segment.written - segment.read), of: segment)
            if let end = block.lastIndex(of: 0x0A) {
                segments.withLock { $0[0].read += end + 1 }
                return Array(block[...end])
            }
            guard block.count == size else { return [] }
            size *= 4
        }
    }

    /// The first segment that holds something unread; those before it are dropped.
    private func current() -> Segment? {
        segments.withLock { segments in
            while let first = segments.first, first.read == first.written {
                // The segment that is written to stays.
                guard segments.count > 1 else { return nil }
                close(first.descriptor)
                segments.removeFirst()
            }
            return segments.first
        }
    }

    private func read(_ count: Int, of segment: Segment) throws(StoreError) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let position = off_t(segment.read + filled)
            let got = unsafe block.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    segment.descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled, position)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw Self.failure }
            filled += got
        }
        return block
    }
}
