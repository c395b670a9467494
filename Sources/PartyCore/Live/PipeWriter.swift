import CLinux
import Glibc

/// Writing into a pipe as far as it has room, for those who must not wait.
package enum PipeWriter {
    /// - Returns: `nil` where that is no pipe. What it returns writes bytes and returns how many it has written: none where the
    ///   pipe is full, nobody reads it, or the system cannot do it.
    package static func writer(to descriptor: Int32) -> (@Sendable ([UInt8]) -> Int)? {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else { return nil }
        return { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe max(0, party_write_now(descriptor, bytes.baseAddress, bytes.count))
            }
        }
    }
}
