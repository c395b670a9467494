internal import CLinux
internal import Glibc
package import PartyCore

/// A small file of the user's own: read whole, replaced whole, itself 0600 and its folder 0700.
package struct PrivateFile: Sendable {
    /// Where it is.
    package let path: String
    private let random: PartyRandom

    private static let largest = 1 << 20
    /// A page, which the kernel writes as a whole.
    private static let stroke = 4096
    private static let lockTimeout: Duration = .seconds(60)

    /// The bytes of a file, and the access that others have to it.
    package struct Content: Sendable {
        /// All of the file.
        package let bytes: [UInt8]
        /// Whether others may do anything at all with it.
        package let isOpenToOthers: Bool
        /// Whether others could have changed it.
        package let isWritableByOthers: Bool
    }

    /// Touches nothing yet.
    package init(path: String, random: PartyRandom) {
        self.path = path
        self.random = random
    }

    /// - Returns: `nil` if there is no such file.
    /// - Throws: `.unsafePermissions` if it belongs to another user, or is in a folder that others can change. A file of
    ///   root that others cannot write counts as the user's.
    package func load() throws(StoreError) -> Content? {
        // Not blocking: a FIFO in the file's place must not hold us up.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure(.unreadable, "cannot read \(path)")
        }
        defer { close(descriptor) }
        try PrivateFolder.check(Self.folder(of: path))
        let mode = try kind(of: descriptor).mode
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw failure(.unreadable, "cannot read \(path)") }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= Self.largest else {
                throw StoreError(.unreadable, "\(path) is over 1 MB: it is not a file of psparty")
            }
        }
        return Content(bytes: bytes, isOpenToOthers: mode & 0o077 != 0, isWritableByOthers: mode & 0o022 != 0)
    }

    /// The mode and size of a file of our own.
    private func kind(of descriptor: Int32) throws(StoreError) -> (mode: mode_t, size: off_t) {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw failure(.unreadable, "cannot read \(path)") }
        guard info.st_mode & S_IFMT == S_IFREG else { throw StoreError(.unreadable, "\(path) is not a file") }
        let isRoots = info.st_uid == 0 && info.st_mode & 0o022 == 0
        guard info.st_uid == geteuid() || isRoots else {
            throw StoreError(
                .unsafePermissions, "\(path) belongs to another user: remove it, or change its owner with chown")
        }
        return (info.st_mode, info.st_size)
    }

    /// The failure of a file whose mode is too wide.
    package func openToOthers(_ what: String) -> StoreError {
        StoreError(.unsafePermissions, "\(path) can be \(what) by others; close it with: chmod 600 '\(path)'")
    }

    /// Replaces the file as a whole: a reader sees the old or the new bytes, also after a crash. The folder is made, with
    /// its parents, where it is missing.
    /// - Parameter durably: whether it must survive a power cut.
    package func save(_ bytes: [UInt8], durably: Bool = true) throws(StoreError) {
        try PrivateFolder.check(Self.folder(of: path))
        let file = try temporary()
        var problem = writeAll(bytes, to: file.descriptor)
        if problem == nil, durably, fsync(file.descriptor) != 0 { problem = errno }
        if let problem {
            file.discard()
            errno = problem
            throw failure(.unwritable, "cannot write \(path)")
        }
        if let problem = file.replace(path) {
            errno = problem
            throw failure(.unwritable, "cannot write \(path)")
        }
        if durably { syncFolder(Self.folder(of: path)) }
    }

    /// Overwrites a file that is small enough for one write; a missing or larger one is replaced.
    /// This is a tenth of the work: some file systems write to the disk at once on a rename. For bytes that may
    /// end in blanks, and for writers that hold the lock.
    package func overwrite(_ bytes: [UInt8]) throws(StoreError) {
        guard try !written(over: bytes) else { return }
        try save(bytes, durably: false)
    }

    private func written(over bytes: [UInt8]) throws(StoreError) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let (mode, size) = try kind(of: descriptor)
        let padding = [UInt8](repeating: 0x20, count: max(0, Int(size) - bytes.count))
        guard mode & 0o077 == 0, bytes.count + padding.count <= Self.stroke else { return false }
        guard writeAll(bytes + padding, to: descriptor) == nil else { return false }
        // A kill before the truncation leaves only blanks behind the text.
        if !padding.isEmpty { ftruncate(descriptor, off_t(bytes.count)) }
        return true
    }

    /// A temporary file that will replace this one, in its folder, which is made if it is missing.
    private func temporary() throws(StoreError) -> TemporaryFile {
        if let file = TemporaryFile.make(for: path, random) { return file }
        if errno == ENOENT || errno == ENOTDIR {
            try Self.makeFolder(Self.folder(of: path))
            if let file = TemporaryFile.make(for: path, random) { return file }
        }
        throw failure(.unwritable, "cannot write \(path)")
    }

    /// Removes the temporary files of processes that were killed while they replaced this file.
    package func removeAbandoned() {
        let name = path.split(separator: "/").last.map(String.init)
        let folder = Self.folder(of: path)
        TemporaryFile.removeAbandoned(folderNames(in: folder), in: folder, of: name ?? path)
    }

    /// Opens a file in the folder of this one, which is made if it is missing.
    private func opened(_ path: String, _ flags: Int32) throws(StoreError) -> Int32 {
        var descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
        if descriptor < 0, errno == ENOENT || errno == ENOTDIR {
            try Self.makeFolder(Self.folder(of: path))
            descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { throw failure(.unwritable, "cannot write \(self.path)") }
        return descriptor
    }

    /// So that the new name itself survives a power cut; best effort, as not every file system can.
    private func syncFolder(_ folder: String) {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Does nothing if there is no such file.
    package func erase() throws(StoreError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR else {
            throw failure(.unwritable, "cannot remove \(path)")
        }
    }

    /// Waits until no other process holds the lock of this file, which is a file of its own beside it.
    /// - Throws: `.busy` after 60 seconds, `.cancelled` when the task is.
    package func lock() async throws(StoreError) -> StoreLock {
        let path = path + ".lock"
        try PrivateFolder.check(Self.folder(of: path))
        let descriptor = try opened(path, O_RDWR | O_CREAT)
        let deadline = ContinuousClock.now + Self.lockTimeout
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard !Task.isCancelled, ContinuousClock.now < deadline, errno == EWOULDBLOCK || errno == EINTR else {
                let isBusy = errno == EWOULDBLOCK
                close(descriptor)
                if Task.isCancelled { throw StoreError(.cancelled, "cancelled while waiting for \(path)") }
                let problem = isBusy ? "was held by another process for over a minute" : "cannot be locked"
                throw StoreError(.busy, "\(path) \(problem)")
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
        // The file is not removed: then two processes could lock two files of one name.
        return StoreLock(release: { close(descriptor) })
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// Makes a private folder with its parents, if it is missing.
    static func makeFolder(_ folder: String) throws(StoreError) {
        var made = ""
        for part in folder.split(separator: "/") {
            made += (made.isEmpty && !folder.hasPrefix("/") ? "" : "/") + part
            guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST || isFolder(made) else {
                throw StoreError(.unwritable, "cannot make the folder \(made): " + errorText(errno))
            }
        }
    }

    /// Parents on a read-only file system answer `EROFS` or `EACCES` although they are there.
    private static func isFolder(_ path: String) -> Bool {
        let problem = errno
        defer { errno = problem }
        var info = stat()
        return unsafe stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    private func failure(_ kind: StoreError.Kind, _ what: String) -> StoreError {
        StoreError(kind, what + ": " + errorText(errno))
    }

    /// The file behind symbolic links, so that replacing it replaces the target and keeps the link.
    package func resolved() -> PrivateFile {
        guard let real = unsafe realpath(path, nil) else { return self }
        defer { unsafe free(real) }
        return PrivateFile(path: unsafe String(cString: real), random: random)
    }
}

/// The absolute path; unchanged if the working directory no longer exists.
package func absolutePath(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(folder) }
    return unsafe String(cString: folder) + "/" + path
}

/// The system's words for an error number.
package func errorText(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Writes all bytes, in as many parts as the system takes.
/// - Returns: the error number.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return errno }
        rest = rest.dropFirst(written)
    }
    return nil
}
