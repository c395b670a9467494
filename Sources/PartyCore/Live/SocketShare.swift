import Glibc

/// Shares an account's push connection over a socket in the account's folder of the profile: `stream.lock` says who holds
/// it, `stream.sock` is where the others join, both for the user alone.
public struct SocketShare: StreamShare {
    private let folder: String

    /// - Parameter stateFolder: psparty's state folder.
    /// - Parameter profile: a name that is safe as a file name.
    public init(stateFolder: String, profile: String) {
        folder = FileStore.folder(of: profile, in: stateFolder)
    }

    private func folder(of account: ServiceAccount) -> String { folder + "/" + account.folderName }

    private static func socket(in folder: String) -> String { folder + "/stream.sock" }

    public func hold(for account: ServiceAccount) throws(StoreError) -> StreamHold? {
        let folder = folder(of: account)
        try PrivateFile.makeFolder(folder)
        let lock = unsafe open(folder + "/stream.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw StoreError(.unwritable, "cannot write \(folder)/stream.lock: " + errorText(errno))
        }
        // The system gives the lock back when the process ends, however it ends.
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            return nil
        }
        do throws(StoreError) {
            return try Self.listen(lock, at: Self.socket(in: folder))
        } catch {
            close(lock)
            throw error
        }
    }

    private static func listen(_ lock: Int32, at path: String) throws(StoreError) -> StreamHold {
        let listener = try UnixSocket.listen(at: path)
        let (joined, join) = AsyncStream<StreamLine>.makeStream()
        let loop: ShareLoop
        do throws(StoreError) {
            loop = try ShareLoop(listener: listener, first: nil) { loop, number in join.yield(loop.line(number)) }
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

    public func join(for account: ServiceAccount) throws(StoreError) -> StreamLine? {
        let path = Self.socket(in: folder(of: account))
        guard let descriptor = UnixSocket.connect(to: path) else { return nil }
        do throws(StoreError) {
            return try ShareLoop(listener: nil, first: descriptor, admit: { _, _ in })
                .line(1, to: UnixSocket.process(of: descriptor))
        } catch {
            close(descriptor)
            throw error
        }
    }
}
