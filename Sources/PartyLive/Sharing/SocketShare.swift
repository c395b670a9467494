internal import CLinux
import Glibc
package import PartyCore

/// Shares a resource of one process of an account through a socket in the account's folder of the profile. The holder
/// locks `NAME.lock`, and the others connect to `NAME.sock`. Both are private to the user.
package struct SocketShare: StreamShare {
    private let folder: String
    private let name: String

    /// - Parameter stateFolder: psparty's state folder.
    /// - Parameter profile: a name that is safe as a file name.
    /// - Parameter name: the resource: `stream`, the push connection, or `voice`, the right to speak.
    package init(stateFolder: String, profile: String, name: String = "stream") {
        folder = FileStore.folder(of: profile, in: stateFolder)
        self.name = name
    }

    private func folder(of account: ServiceAccount) -> String { folder + "/" + account.folderName }

    private func socket(in folder: String) -> String { "\(folder)/\(name).sock" }

    package func hold(for account: ServiceAccount) throws(StoreError) -> StreamHold? {
        let folder = folder(of: account)
        try PrivateFile.makeFolder(folder)
        let path = "\(folder)/\(name).lock"
        let lock = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw StoreError(.unwritable, "cannot write \(path): " + errorText(errno))
        }
        // The system gives the lock back when the process ends, however it ends.
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            return nil
        }
        do throws(StoreError) {
            return try Self.listen(lock, at: socket(in: folder))
        } catch {
            close(lock)
            throw error
        }
    }

    private static func listen(_ lock: Int32, at path: String) throws(StoreError) -> StreamHold {
        let listener = try UnixSocket.listen(at: path)
        let (joined, join) = AsyncStream<ShareConnection>.makeStream()
        let loop: ShareLoop
        do throws(StoreError) {
            loop = try ShareLoop(
                listener: listener, first: nil, admit: { loop, number in join.yield(loop.connection(number)) },
                ended: { join.finish() })
        } catch {
            close(listener)
            throw error
        }
        return StreamHold(joined: joined) {
            join.finish()
            await loop.stop()
            // Before the lock: the next holder's socket has the same name.
            unsafe unlink(path)
            close(lock)
        }
    }

    package func join(for account: ServiceAccount) throws(StoreError) -> ShareConnection? {
        let path = socket(in: folder(of: account))
        guard let descriptor = UnixSocket.connect(to: path) else { return nil }
        do throws(StoreError) {
            return try ShareLoop(listener: nil, first: descriptor, admit: { _, _ in })
                .connection(1, to: UnixSocket.process(of: descriptor))
        } catch {
            close(descriptor)
            throw error
        }
    }
}
