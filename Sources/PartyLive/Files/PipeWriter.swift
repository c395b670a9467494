import CLinux
import Glibc
import Synchronization

/// Writes into a pipe as far as it has room, without waiting.
package enum PipeWriter {
    /// The capacity in bytes that a pipe gets once its reader has fallen behind; 64 kB before.
    private static var capacity: Int32 { 256 << 10 }

    /// - Returns: `nil` if the descriptor is no pipe. The function writes bytes and returns how many it has written: 0 if the
    ///   pipe is full, has no reader, or if the kernel has no such write for pipes.
    package static func writer(to descriptor: Int32) -> (@Sendable ([UInt8]) -> Int)? {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else { return nil }
        let isWide = Atomic(false)
        let isSupported = Atomic(true)
        return { bytes in
            guard isSupported.load(ordering: .relaxed) else { return 0 }
            // The pipe belongs to other programs too, so its O_NONBLOCK is not ours to set: each write asks not to wait.
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe party_write_without_waiting(descriptor, bytes.baseAddress, UInt(bytes.count))
            }
            if written < 0, errno != EAGAIN, errno != EPIPE, errno != EINTR {
                isSupported.store(false, ordering: .relaxed)
            }
            // A larger pipe wakes both programs less often. Without the permission for it the pipe stays as it is.
            if written < bytes.count, !isWide.exchange(true, ordering: .relaxed) {
                party_widen_pipe(descriptor, capacity)
            }
            return max(0, written)
        }
    }
}
