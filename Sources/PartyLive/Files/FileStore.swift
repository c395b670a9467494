internal import Glibc
public import PartyCore

/// A profile's files in its own folder: the folder 0700, each file 0600, replaced as a whole, locked over processes.
public struct FileStore: Store {
    private let folder: String
    /// The folders of psparty above it.
    private let parents: [String]
    private let random: PartyRandom
    /// Set after this process has looked for leftovers of others.
    private let hasSwept = OneShotEvent()

    /// The files of a profile. Nothing is read or made before the first call.
    /// - Parameters:
    ///   - stateFolder: the state folder; made, with its parents, when something is first saved.
    ///   - profile: 1 to 64 letters, digits, `.`, `_` or `-`, without a dot in front.
    ///   - random: names temporary files.
    public init(stateFolder: String, profile: String, random: PartyRandom) {
        folder = Self.folder(of: profile, in: stateFolder)
        parents = [stateFolder, Self.profilesFolder(in: stateFolder)]
        self.random = random
    }

    static func folder(of profile: String, in stateFolder: String) -> String {
        profilesFolder(in: stateFolder) + "/" + profile
    }

    static func profilesFolder(in stateFolder: String) -> String { stateFolder + "/profiles" }

    /// 1 to 64 letters, digits, `.`, `_`, `-`, and no dot in front.
    package static func isProfileName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.first != "."
            && name.utf8.allSatisfy { byte in
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x2E || byte == 0x5F
            }
    }

    /// The profiles with files in that state folder, in order; none if it cannot be read.
    package static func profiles(in stateFolder: String) -> [String] {
        folderNames(in: profilesFolder(in: stateFolder)).filter(isProfileName).sorted()
    }

    private func file(_ item: StoreItem) -> PrivateFile {
        PrivateFile(path: folder + "/" + (item.folder.map { $0 + "/" } ?? "") + item.name, random: random)
    }

    public func load(_ item: StoreItem) throws(StoreError) -> [UInt8]? {
        let file = file(item)
        if item == .credentials {
            for parent in parents { try PrivateFolder.check(parent) }
        }
        guard let content = try file.load() else { return nil }
        guard !content.isOpenToOthers else { throw file.openToOthers("read") }
        return content.bytes
    }

    public func save(_ item: StoreItem, _ bytes: [UInt8]) throws(StoreError) {
        if item.isOverwritten {
            try file(item).overwrite(bytes)
        } else {
            try file(item).save(bytes, durably: item.isDurable)
        }
    }

    public func erase(_ item: StoreItem) throws(StoreError) {
        try file(item).erase()
    }

    public func lock(_ item: StoreItem) async throws(StoreError) -> StoreLock {
        let lock = try await file(item).lock()
        if !hasSwept.isSet {
            hasSwept.set()
            sweep()
        }
        return lock
    }

    public func accountFolders() -> [String] { folderNames(in: folder).filter { $0.contains("@") } }

    /// Removes leftovers of killed processes, in the profile's folder and in those of its accounts.
    private func sweep() {
        let names = folderNames(in: folder)
        TemporaryFile.removeAbandoned(names, in: folder)
        for name in names where name.contains("@") {
            let account = folder + "/" + name
            TemporaryFile.removeAbandoned(folderNames(in: account), in: account)
        }
    }

    public func forget(_ items: [StoreItem]) async throws(StoreError) {
        // A lock would make the folder of a profile that never was.
        guard unsafe access(folder, F_OK) == 0 else { return }
        let lock = try await file(.credentials).lock()
        defer { lock.release() }
        for item in items { try erase(item) }
        sweep()
    }
}
