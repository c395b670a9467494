import Glibc

/// A state folder for psparty that belongs to this simulator, so that no real sign-in is changed and two simulators share
/// nothing.
struct StateHome {
    let path: String

    /// A folder inside the daemon's folder.
    init(in folder: String) { path = folder + "/home" }

    /// A new temporary folder, for a simulator in the foreground.
    init() throws(Failure) {
        let chosen = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
        let base = chosen.isEmpty ? "/tmp" : chosen
        var template = Array("\(base)/psparty-sim-home-XXXXXX".utf8CString)
        // mkdtemp creates the folder with mode 0700.
        guard unsafe mkdtemp(&template) != nil else { throw .internalError("cannot create a folder in \(base)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the folder with all sign-ins to this simulator, whose tokens end with it. Nothing is removed if the folder
    /// contains a sign-in to another server: a shell may still use the exported variable.
    /// - Returns: whether the folder was removed.
    @discardableResult
    func remove() -> Bool {
        guard !holdsOtherSignIn else { return false }
        Self.remove(path)
        return true
    }

    private var holdsOtherSignIn: Bool {
        Folder.names(in: path + "/profiles").contains { profile in
            guard let text = Folder.content("\(path)/profiles/\(profile)/credentials.json") else { return false }
            return !text.contains("\"origin\":\"https://127.0.0.1:")
        }
    }

    /// Removes symbolic links without following them.
    private static func remove(_ path: String) {
        guard unsafe unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
        for name in Folder.names(in: path) { remove(path + "/" + name) }
        unsafe rmdir(path)
    }
}
