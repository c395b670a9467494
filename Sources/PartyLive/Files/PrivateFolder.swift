internal import CLinux
internal import Glibc
internal import PartyCore

/// A folder that files of psparty lie in. Others who can change it can exchange the files.
enum PrivateFolder {
    /// Passes a folder that is not there yet.
    /// - Throws: `.unsafePermissions` where the folder, or where a link leads from it, is another user's or can be changed by
    ///   others. In one like `/tmp`, whose sticky bit keeps them from exchanging what is not theirs, each file counts by itself.
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
