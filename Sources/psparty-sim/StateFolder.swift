import Glibc

/// The folder that tells where the daemon runs: its process id and what it printed.
///
/// The daemon holds a lock on a file in it as long as it lives, so a stale process id can do no harm.
struct StateFolder {
    let path: String
    private var lockFile: String { path + "/lock" }
    private var exportsFile: String { path + "/exports" }
    var log: String { path + "/log" }
    /// Where psparty keeps its state while it is tried.
    var home: StateHome { StateHome(in: path) }

    init(_ chosen: String?) throws(Failure) {
        if let chosen {
            path = chosen.hasPrefix("/") ? chosen : Self.currentFolder + "/" + chosen
        } else if let base = Self.variable("XDG_STATE_HOME"), base.hasPrefix("/") {
            path = base + "/psparty-sim"
        } else if let home = Self.variable("HOME") {
            path = home + "/.local/state/psparty-sim"
        } else {
            throw .configuration("neither --state nor XDG_STATE_HOME nor HOME says where to keep state")
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

    /// Makes the folder, closed to others.
    func make() throws(Failure) {
        var partial = ""
        for part in path.split(separator: "/") {
            partial += "/" + part
            _ = unsafe mkdir(partial, 0o700)
        }
        guard unsafe chmod(path, 0o700) == 0 else { throw .configuration("\(path) cannot be made") }
    }

    /// A lock on the folder above, which outlives ours, held until the descriptor is closed; nil while another has it.
    func turn() throws(Failure) -> Int32? {
        try make()
        let above = path + "/.."
        let descriptor = unsafe open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .internalError("\(above) cannot be opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Takes the daemon's lock for as long as this process lives; false where another one has it.
    func lock() -> Bool {
        let descriptor = unsafe open(lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        // A lock of the whole file that goes with the process, whatever ends it.
        var request = Glibc.flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        return unsafe fcntl(descriptor, F_SETLK, &request) == 0
    }

    /// The process that holds the lock; nil where nobody does.
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
        // Renamed into place: whoever waits for the file never reads half of it.
        let draft = exportsFile + ".new"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .internalError("\(draft) cannot be written") }
        let bytes = Array(exports.utf8)
        let count = unsafe write(descriptor, bytes, bytes.count)
        close(descriptor)
        guard count == bytes.count, unsafe rename(draft, exportsFile) == 0 else {
            throw .internalError("\(exportsFile) cannot be written")
        }
    }

    /// What the daemon printed; nil where it is not ready.
    func published() -> String? { Folder.content(exportsFile) }

    /// What the daemon complained about; nil where it did not.
    func lastWords() -> String? {
        let line = Folder.content(log)?.split(separator: "\n").last.map(String.init)
        return line.map { $0.hasPrefix("psparty-sim: ") ? String($0.dropFirst(13)) : $0 }
    }

    /// Removes the state, what a killed daemon left of its certificates, and the folder where nothing else is inside.
    func remove() {
        if !home.remove() { Terminal.complain("\(home.path) is kept: it holds a sign-in to another server") }
        for file in [exportsFile, exportsFile + ".new", log, lockFile] { unsafe unlink(file) }
        for name in Folder.names(in: path) where name.hasPrefix("psparty-sim-") {
            let folder = path + "/" + name
            for file in Folder.names(in: folder) { unsafe unlink(folder + "/" + file) }
            unsafe rmdir(folder)
        }
        unsafe rmdir(path)
    }
}
