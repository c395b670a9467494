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
        let isWide = Atomic(false)
        return { bytes in
            let written = unsafe bytes.withUnsafeBytes { bytes in
                unsafe max(0, party_write_now(descriptor, bytes.baseAddress, bytes.count))
            }
            // Only where much comes: then two programs need to be woken less often. Where it cannot be had, it is as it was.
            if written < bytes.count, !isWide.exchange(true, ordering: .relaxed) {
                party_widen_pipe(descriptor, width)
            }
            return written
        }
    }
}
