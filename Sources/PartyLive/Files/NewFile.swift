internal import Glibc
package import PartyCore

/// A file that is made once, for the user alone, and never replaces another one.
package enum NewFile {
    /// Whether there is something at that path already.
    package static func exists(_ path: String) -> Bool {
        var info = stat()
        return unsafe lstat(path, &info) == 0
    }

    /// - Throws: `.unwritable` if there is something at that path, or the file cannot be written; then there is none.
    package static func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreError(.unwritable, "cannot write \(path): " + errorText(errno)) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let problem = errno
                unsafe unlink(path)
                throw StoreError(.unwritable, "cannot write \(path): " + errorText(problem))
            }
            rest = rest.dropFirst(count)
        }
    }
}
