internal import CLinux
internal import Glibc
package import PartyCore

/// A file for other programs that is replaced as a whole: a reader sees the old or the new bytes, never a part of them, and
/// always a file.
package struct ReplacedFile: Sendable {
    private let path: String
    private let random: PartyRandom

    /// Removes what killed processes left beside the file.
    /// - Parameter path: of the file, or of a link to it, which stays a link.
    /// - Throws: `.storage` if something other than a file has that name, or the folder does not exist.
    package init(_ path: String, random: PartyRandom) throws(PartyError) {
        self.random = random
        self.path = PrivateFile(path: absolutePath(path), random: random).resolved().path
        var info = stat()
        if unsafe stat(self.path, &info) == 0 {
            guard info.st_mode & S_IFMT == S_IFREG else { throw failure("it is not a file") }
        } else if errno != ENOENT {
            throw failure(errorText(errno))
        }
        let (folder, name) = parts
        guard unsafe stat(folder, &info) == 0 else { throw failure("the folder \(folder): \(errorText(errno))") }
        TemporaryFile.removeAbandoned(folderNames(in: folder), in: folder, of: name)
    }

    private var parts: (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[slash...].dropFirst()))
    }

    /// Replaces the file, and makes it if it is missing: with the mode that other new files get (umask), else with the mode of
    /// the file that it replaces.
    /// - Throws: `.storage` if that fails; the old file is unchanged then.
    package func replace(with bytes: [UInt8]) throws(PartyError) {
        var info = stat()
        let exists = unsafe stat(path, &info) == 0
        guard !exists || info.st_mode & S_IFMT == S_IFREG else { throw failure("it is not a file") }
        guard let file = TemporaryFile.make(for: path, mode: exists ? 0o600 : 0o666, random) else {
            throw failure(errorText(errno))
        }
        var problem = writeAll(bytes, to: file.descriptor)
        if exists, problem == nil {
            // Best effort: only root can give a file to others.
            if info.st_uid != geteuid() || info.st_gid != getegid() {
                _ = fchown(file.descriptor, info.st_uid, info.st_gid)
            }
            if fchmod(file.descriptor, info.st_mode & 0o7777) != 0 { problem = errno }
        }
        if let problem {
            file.discard()
            throw failure(errorText(problem))
        }
        if let problem = file.replace(path) { throw failure(errorText(problem)) }
    }

    private func failure(_ words: String) -> PartyError {
        PartyError(.storage, "the file \(path) cannot be written: \(words)", step: "write")
    }
}
