import CLinux
import Glibc
import Synchronization

/// Writing into a pipe as far as it has room, for those who must not wait.
package enum PipeWriter {
    /// Bytes that a pipe is made to hold once its reader has fallen behind; 64 kB before.
    private static var width: Int32 { 256 << 10 }

    /// - Returns: `nil` where that is no pipe. What it returns writes bytes and returns how many it has written: none where the
    ///   pipe is full, nobody reads it, or the system cannot do it.
    package static func writer(to descriptor: Int32) -> (@Sendable ([UInt8]) -> Int)? {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else { return nil }
        let opening = PipeOpening(of: descriptor)
        let isWide = Atomic(false)
        return { bytes in
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe max(0, write(opening.descriptor, bytes.baseAddress, bytes.count))
            }
            // Only where much comes: then two programs need to be woken less often. Where it cannot be had, it is as it was.
            if written < bytes.count, !isWide.exchange(true, ordering: .relaxed) {
                party_widen_pipe(descriptor, width)
            }
            return written
        }
    }
}

/// A pipe opened once more, for us alone: whether a write waits is a matter of the opening, and the one that we were given
/// belongs to other programs too.
private final class PipeOpening: Sendable {
    private let original: Int32
    /// Made at the first write; -1 where it cannot be had.
    private let own = Mutex<Int32?>(nil)

    init(of descriptor: Int32) {
        original = descriptor
    }

    deinit {
        own.withLock { own in if let own, own >= 0 { _ = close(own) } }
    }

    var descriptor: Int32 {
        own.withLock { own in
            if let own { return own }
            let opened = unsafe open("/proc/self/fd/\(original)", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            own = opened
            return opened
        }
    }
}
