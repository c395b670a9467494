internal import CLinux
internal import Glibc
internal import PartyCore

/// A folder with files of psparty. Other users who can change it can exchange the files.
enum PrivateFolder {
    /// Passes a folder that is not there yet.
    /// - Throws: `.unsafePermissions` if the folder, or the target of a link, belongs to another user or can be changed by
    ///   others. In a folder with the sticky bit, like `/tmp`, the permissions of each file decide.
    static func check(_ path: String) throws(StoreError) {
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { return }
        let isSticky = info.st_mode & S_ISVTX != 0
        guard info.st_uid == geteuid() || info.st_uid == 0 else {
            throw StoreError(
                .unsafePermissions,
                "the folder \(path) belongs to another user, who could exchange the files in it; take it over with chown"
            )
        }
        guard info.st_mode & 0o022 == 0 || isSticky else {
            throw StoreError(
                .unsafePermissions, "the folder \(path) can be changed by others; close it with: chmod go-w '\(path)'")
        }
    }
}
