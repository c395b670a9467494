import Glibc

/// The folder with the daemon's process id and its printed environment.
///
/// The daemon holds a file lock in it while it runs, so a stale process id does no harm.
struct StateFolder {
    let path: String
    private var lockFile: String { path + "/lock" }
    private var exportsFile: String { path + "/exports" }
    var log: String { path + "/log" }
    /// The folder for the state of psparty when it uses this simulator.
    var home: StateHome { StateHome(in: path) }

    init(_ chosen: String?) throws(Failure) {
        if let chosen {
            path = chosen.hasPrefix("/") ? chosen : Self.currentFolder + "/" + chosen
        } else if let base = Self.variable("XDG_STATE_HOME"), base.hasPrefix("/") {
            path = base + "/psparty-sim"
        } else if let home = Self.variable("HOME") {
            path = home + "/.local/state/psparty-sim"
        } else {
            throw .configuration("no state folder is known: use --state, or set XDG_STATE_HOME or HOME")
        }
    }

    private static func variable(_ name: String) -> String? {
        let value = unsafe getenv(name).map { unsafe String(cString: $0) }
        return value?.isEmpty == false ? value : nil
    }

    private static var currentFolder: String {
        guard let text = unsafe getcwd(nil, 0) else { return "." }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// Creates the folder with mode 0700.
    func make() throws(Failure) {
        var partial = ""
        for part in path.split(separator: "/") {
            partial += "/" + part
            _ = unsafe mkdir(partial, 0o700)
        }
        guard unsafe chmod(path, 0o700) == 0 else { throw .configuration("cannot create the folder \(path)") }
    }

    /// Locks the parent folder, which is never deleted, until the descriptor is closed; nil while another process has the lock.
    func turn() throws(Failure) -> Int32? {
        try make()
        let above = path + "/.."
        let descriptor = unsafe open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .internalError("cannot open the folder \(above)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Takes the daemon's lock for the lifetime of this process. Returns false if another process has it.
    func lock() -> Bool {
        let descriptor = unsafe open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        // The system releases this lock when the process ends, for any reason.
        var request = Glibc.flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        return unsafe fcntl(descriptor, F_SETLK, &request) == 0
    }

    /// The process that holds the lock; nil if none does.
    func holder() -> pid_t? {
        let descriptor = unsafe open(lockFile, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var request = Glibc.flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        guard unsafe fcntl(descriptor, F_GETLK, &request) == 0, request.l_type != Int16(F_UNLCK) else { return nil }
        return request.l_pid
    }

    func publish(_ exports: String) throws(Failure) {
        // Renamed into place, so that a waiting process never reads a partial file.
        let draft = exportsFile + ".new"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .internalError("cannot write \(draft)") }
        let bytes = Array(exports.utf8)
        let count = unsafe write(descriptor, bytes, bytes.count)
        close(descriptor)
        guard count == bytes.count, unsafe rename(draft, exportsFile) == 0 else {
            throw .internalError("cannot write \(exportsFile)")
        }
    }

    /// The environment that the daemon printed; nil until it is ready.
    func published() -> String? { Folder.content(exportsFile) }

    /// The daemon's error message; nil if there is none.
    func lastWords() -> String? {
        let line = Folder.content(log)?.split(separator: "\n").last.map(String.init)
        return line.map { $0.hasPrefix("psparty-sim: ") ? String($0.dropFirst(13)) : $0 }
    }

    /// Removes the state, the certificates of a killed daemon, and the folder if it is empty then.
    func remove() {
        if !home.remove() { Terminal.complain("keeping \(home.path): it contains a sign-in to another server") }
        for file in [exportsFile, exportsFile + ".new", log, lockFile] { unsafe unlink(file) }
        for name in Folder.names(in: path) where name.hasPrefix("psparty-sim-") {
            let folder = path + "/" + name
            for file in Folder.names(in: folder) { unsafe unlink(folder + "/" + file) }
            unsafe rmdir(folder)
        }
        unsafe rmdir(path)
    }
}
