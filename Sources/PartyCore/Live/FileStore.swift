internal import Glibc

/// A profile's files in its own folder: the folder 0700, each file 0600, replaced as a whole, locked over processes.
public struct FileStore: Store {
    private let folder: String
    private let random: PartyRandom

    private static let lockPatience: Duration = .seconds(60)
    private static let largestFile = 1 << 20

    /// - Parameter stateFolder: psparty's state folder; made, with its parents, when something is first saved.
    /// - Parameter profile: a name that is safe as a file name (`isProfileName`).
    public init(stateFolder: String, profile: String, random: PartyRandom) {
        folder = stateFolder + "/profiles/" + profile
        self.random = random
    }

    /// 1 to 64 letters, digits, `.`, `_`, `-`, and no dot in front.
    public static func isProfileName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.first != "."
            && name.utf8.allSatisfy { byte in
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x2E || byte == 0x5F
            }
    }

    private func path(_ item: StoreItem) -> String { folder + "/" + item.name }

    public func load(_ item: StoreItem) throws(StoreError) -> [UInt8]? {
        let path = path(item)
        // Not blocking: a FIFO in the file's place must not hold us up.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure(.unreadable, "cannot read \(path)")
        }
        defer { close(descriptor) }
        try checkPrivate(descriptor, path)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw failure(.unreadable, "cannot read \(path)") }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= Self.largestFile else {
                throw StoreError(.unreadable, "\(path) is over 1 MB: it is not a file of psparty")
            }
        }
    }

    /// Others must not have been able to read or change what we are about to trust.
    private func checkPrivate(_ descriptor: Int32, _ path: String) throws(StoreError) {
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else { throw failure(.unreadable, "cannot read \(path)") }
        guard info.st_mode & S_IFMT == S_IFREG else { throw StoreError(.unreadable, "\(path) is not a file") }
        guard info.st_uid == geteuid() else {
            throw StoreError(
                .unsafePermissions, "\(path) belongs to another user; remove it or take it over with chown")
        }
        guard info.st_mode & 0o077 == 0 else {
            throw StoreError(
                .unsafePermissions, "\(path) can be read by others; close it with: chmod 600 '\(path)'")
        }
    }

    public func save(_ item: StoreItem, _ bytes: [UInt8]) throws(StoreError) {
        try makeFolder()
        let path = path(item)
        let temporary = folder + "/." + item.name + "." + random.uuid()
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(.unwritable, "cannot write \(path)") }
        let problem = writeAll(bytes, to: descriptor, durably: item.isDurable)
        close(descriptor)
        if let problem {
            unsafe unlink(temporary)
            errno = problem
            throw failure(.unwritable, "cannot write \(path)")
        }
        guard unsafe rename(temporary, path) == 0 else {
            let problem = errno
            unsafe unlink(temporary)
            errno = problem
            throw failure(.unwritable, "cannot write \(path)")
        }
        if item.isDurable { syncFolder() }
    }

    /// - Returns: the error number of what went wrong.
    private func writeAll(_ bytes: [UInt8], to descriptor: Int32, durably: Bool) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return errno }
            rest = rest.dropFirst(written)
        }
        return !durably || fsync(descriptor) == 0 ? nil : errno
    }

    /// So that the new name itself survives a power cut; best effort, as not every file system can.
    private func syncFolder() {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    public func erase(_ item: StoreItem) throws(StoreError) {
        guard unsafe unlink(path(item)) == 0 || errno == ENOENT || errno == ENOTDIR else {
            throw failure(.unwritable, "cannot remove \(path(item))")
        }
    }

    public func lock(_ item: StoreItem) async throws(StoreError) -> StoreLock {
        try makeFolder()
        let path = path(item) + ".lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(.unwritable, "cannot write \(path)") }
        let deadline = ContinuousClock.now + Self.lockPatience
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
        // The file stays: removing it would let two processes lock two files of one name.
        return StoreLock(release: { close(descriptor) })
    }

    private func makeFolder() throws(StoreError) {
        var made = ""
        for part in folder.split(separator: "/") {
            made += (made.isEmpty && !folder.hasPrefix("/") ? "" : "/") + part
            guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST || isFolder(made) else {
                throw failure(.unwritable, "cannot make the folder \(made)")
            }
        }
    }

    /// Parents on a read-only file system answer `EROFS` or `EACCES` although they are there.
    private func isFolder(_ path: String) -> Bool {
        let problem = errno
        defer { errno = problem }
        var info = stat()
        return unsafe stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    private func failure(_ kind: StoreError.Kind, _ what: String) -> StoreError {
        StoreError(kind, what + ": " + errorText(errno))
    }
}

/// The system's words for an error number.
package func errorText(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
