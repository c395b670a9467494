internal import CLinux
internal import Glibc
internal import PartyCore

/// A file that is written beside another one and then renamed to it. Its process holds a lock (`flock`) on it until then,
/// so a file without a lock is a leftover of a killed process. The lock shows this also between containers, where process
/// ids do not.
struct TemporaryFile {
    let path: String
    let descriptor: Int32

    private static let tries = 8

    /// Makes one for the file with that path.
    /// - Parameter mode: its mode, less the umask.
    /// - Returns: `nil` if it cannot be made, with the reason in `errno`.
    static func make(for path: String, mode: mode_t = 0o600, _ random: PartyRandom) -> TemporaryFile? {
        for _ in 0..<tries {
            let temporary = name(for: path, random.uuid())
            let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            guard descriptor >= 0 else { return nil }
            // A file system without locks has no `removeAbandoned` either: both ask for the same lock.
            while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
            // Another process may have removed it before it had its lock.
            if isFile(descriptor, at: temporary) { return TemporaryFile(path: temporary, descriptor: descriptor) }
            close(descriptor)
        }
        errno = EBUSY
        return nil
    }

    /// Gives it the name of the file that it was made for. Ends its use.
    /// - Returns: the error number of a failure; the file is removed then.
    func replace(_ path: String) -> Int32? {
        // The lock is held until the file has its name: until then it could be taken for abandoned.
        defer { close(descriptor) }
        guard unsafe rename(self.path, path) == 0 else {
            let problem = errno
            unsafe unlink(self.path)
            return problem
        }
        return nil
    }

    /// Removes it. Ends its use.
    func discard() {
        unsafe unlink(path)
        close(descriptor)
    }

    /// Removes the files that killed processes left in a folder.
    /// - Parameter names: the names of the files in the folder.
    /// - Parameter target: the file that they were made for; `nil` for every file of the folder.
    static func removeAbandoned(_ names: [String], in folder: String, of target: String? = nil) {
        for name in names where isName(name, of: target) { removeIfAbandoned(folder + "/" + name) }
    }

    private static func removeIfAbandoned(_ path: String) { ifAbandoned(path) { unsafe unlink(path) } }

    /// Whether a killed process left that file.
    static func isAbandoned(_ path: String) -> Bool {
        var isAbandoned = false
        ifAbandoned(path) { isAbandoned = true }
        return isAbandoned
    }

    private static func ifAbandoned(_ path: String, _ body: () -> Void) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, isFile(descriptor, at: path) else { return }
        body()
    }

    private static func name(for path: String, _ id: String) -> String {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        return path[..<start] + "." + path[start...] + "." + id
    }

    /// `.NAME.UUID`.
    static func isName(_ found: String, of name: String?) -> Bool {
        guard found.hasPrefix("."), let dot = found.lastIndex(of: "."), isUUID(String(found[dot...].dropFirst())) else {
            return false
        }
        let base = found[..<dot].dropFirst()
        return name.map { base == $0 } ?? !base.isEmpty
    }

    private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        var (open, named) = (stat(), stat())
        return unsafe fstat(descriptor, &open) == 0 && lstat(path, &named) == 0 && open.st_mode & S_IFMT == S_IFREG
            && open.st_ino == named.st_ino && open.st_dev == named.st_dev
    }
}

/// The names of the files in a folder, without `.` and `..`; empty if it cannot be read.
func folderNames(in folder: String) -> [String] {
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
