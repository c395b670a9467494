import Glibc

/// The folder that psparty keeps its state in while it is tried: one of this simulator's own, so that no real sign-in is
/// touched and two simulators share nothing.
struct StateHome {
    let path: String

    /// In the folder of the daemon.
    init(in folder: String) { path = folder + "/home" }

    /// A new one among the temporary files, for a simulator in the foreground.
    init() throws(Failure) {
        let chosen = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
        let base = chosen.isEmpty ? "/tmp" : chosen
        var template = Array("\(base)/psparty-sim-home-XXXXXX".utf8CString)
        // mkdtemp makes it with mode 0700.
        guard unsafe mkdtemp(&template) != nil else { throw .internalError("no folder can be made in \(base)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes it with all sign-ins to this simulator, whose tokens end with it. A shell may still have the variable when
    /// its user signs in elsewhere: then nothing is removed.
    /// - Returns: whether it is gone.
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

    /// Links are removed, not followed.
    private static func remove(_ path: String) {
        guard unsafe unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
        for name in Folder.names(in: path) { remove(path + "/" + name) }
        unsafe rmdir(path)
    }
}
