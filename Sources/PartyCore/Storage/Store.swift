/// The small files of one profile. Several processes may use them at the same time.
public protocol Store: Sendable {
    /// Reads an item.
    /// - Returns: `nil` if the item was never saved.
    func load(_ item: StoreItem) throws(StoreError) -> [UInt8]?
    /// Replaces the whole item: a reader sees the old or the new bytes, also after a crash. An item that is overwritten
    /// is saved with its lock held, and ends in blanks after a crash.
    func save(_ item: StoreItem, _ bytes: [UInt8]) throws(StoreError)
    /// Removes an item; does nothing if there is none.
    func erase(_ item: StoreItem) throws(StoreError)
    /// Removes these items and everything that killed processes left of this profile's items, while no other process refreshes the
    /// credentials. It waits for their lock.
    func forget(_ items: [StoreItem]) async throws(StoreError)
    /// The folders of the accounts of which the profile has files.
    func accountFolders() -> [String]
    /// Waits until no other process holds the lock of that item.
    /// - Throws: `StoreError` after 60 seconds, or when the task is cancelled.
    func lock(_ item: StoreItem) async throws(StoreError) -> StoreLock
}

/// One file of a profile.
public struct StoreItem: Hashable, Sendable, CaseIterable {
    /// The file name, the same in every profile.
    public let name: String
    /// The folder in the profile's folder, for a file of one account; `nil` for a file of the profile.
    public private(set) var folder: String?
    /// Whether it must survive a power cut. If not, it is written without waiting for the disk.
    public let isDurable: Bool

    /// Whether the file is overwritten in place, by the holder of its lock: for items that change with each command.
    public let isOverwritten: Bool

    private init(name: String, isDurable: Bool = true, isOverwritten: Bool = false) {
        self.name = name
        self.isDurable = isDurable
        self.isOverwritten = isOverwritten
    }

    /// The tokens and their account.
    package static let credentials = StoreItem(name: "credentials.json")
    /// The device id, made once and kept over every sign-in (docs/protocol.md, 2.6).
    package static let device = StoreItem(name: "device.json")
    /// The party sessions this profile has created or joined and not left, the latest last.
    package static let current = StoreItem(name: "current.json", isDurable: false, isOverwritten: true)
    /// The `state` of a sign-in that was begun in the browser.
    package static let pendingLogin = StoreItem(name: "login.json")

    /// Open places on voice bridges, with bridge tokens, and the numbers of the signals sent.
    package static let voice = StoreItem(name: "voice.json")

    /// When the push service wants the next try, if it said so.
    package static let retryAdvice = StoreItem(name: "retry.json", isDurable: false)
    /// When the last requests were sent.
    package static let budget = StoreItem(name: "budget.json", isDurable: false, isOverwritten: true)
    /// The names of friends as last listed, for the completion of the shell.
    package static let friends = StoreItem(name: "friends.json", isDurable: false)

    /// Certificates that servers leave out of their chains.
    package static let issuers = StoreItem(name: "issuers.json", isDurable: false)

    /// The files that each account has in a folder of its own.
    package static let ofAccounts = [current, voice, retryAdvice, budget, friends]

    /// The same for one account.
    package func of(_ account: ServiceAccount) -> StoreItem { self.in(account.folderName) }

    /// The same in the folder of an account.
    package func `in`(_ folder: String) -> StoreItem {
        var item = self
        item.folder = folder
        return item
    }

    public static var allCases: [StoreItem] {
        [credentials, device, current, pendingLogin, voice, retryAdvice, budget, friends, issuers]
    }
}

/// A lock that is held until `release` is called, once.
public struct StoreLock: Sendable {
    /// Releases the lock. Single use.
    public let release: @Sendable () -> Void

    /// A lock that `release` gives back.
    public init(release: @escaping @Sendable () -> Void) {
        self.release = release
    }
}

/// Why a file of the profile could not be used.
public struct StoreError: Error, Sendable, Equatable {
    /// The kind of problem, for decisions.
    public enum Kind: Sendable, Equatable {
        /// It cannot be read.
        case unreadable
        /// It cannot be written.
        case unwritable
        /// Other users of the machine may read or replace it.
        case unsafePermissions
        /// Another process held the lock for too long.
        case busy
        /// The task was cancelled.
        case cancelled
    }

    /// The kind of problem.
    public let kind: Kind
    /// The file and its problem, without any of its content.
    public let message: String

    /// An error whose message holds nothing of the content.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
