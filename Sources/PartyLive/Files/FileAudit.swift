internal import CLinux
internal import Glibc
package import PartyCore

/// What is wrong with the files of a profile. Nothing is changed.
package struct FileAudit: Sendable {
    /// Where psparty keeps its state; `nil` if no variable says where it is.
    package let folder: String?
    /// How many files the profile has.
    package private(set) var count = 0
    /// Files and folders that psparty refuses, or cannot write.
    package private(set) var problems: [StoreError] = []
    /// Temporary files that killed processes left, by their paths.
    package private(set) var abandoned: [String] = []

    package init(folder: String?, count: Int = 0, problems: [StoreError] = [], abandoned: [String] = []) {
        self.folder = folder
        self.count = count
        self.problems = problems
        self.abandoned = abandoned
    }

    /// - Parameter configFolder: the folder of the config file, which leaves temporary files too.
    init(stateFolder: String?, profile: String, configFolder: String?) {
        folder = stateFolder
        if let configFolder { collect(configFolder, of: "config.toml") }
        guard let stateFolder else { return }
        let profileFolder = FileStore.folder(of: profile, in: stateFolder)
        for folder in [stateFolder, FileStore.profilesFolder(in: stateFolder), profileFolder] {
            check { () throws(StoreError) in try PrivateFolder.check(folder) }
        }
        guard unsafe access(profileFolder, F_OK) == 0 else { return }
        let store = FileStore(stateFolder: stateFolder, profile: profile, random: .live)
        let accounts = store.accountFolders()
        for item in StoreItem.allCases { look(at: item, in: store) }
        for account in accounts {
            for item in StoreItem.ofAccounts { look(at: item.in(account), in: store) }
        }
        for folder in [profileFolder] + accounts.map({ profileFolder + "/" + $0 }) {
            collect(folder)
            if unsafe access(folder, W_OK) != 0 {
                problems.append(
                    StoreError(.unwritable, "nothing can be saved in the folder \(folder): " + errorText(errno)))
            }
        }
    }

    private mutating func look(at item: StoreItem, in store: FileStore) {
        var isThere = false
        check { () throws(StoreError) in isThere = try store.load(item) != nil }
        if isThere { count += 1 }
    }

    private mutating func check(_ body: () throws(StoreError) -> Void) {
        do throws(StoreError) { try body() } catch {
            // One folder can be the reason for several files.
            if !problems.contains(error) { problems.append(error) }
        }
    }

    private mutating func collect(_ folder: String, of target: String? = nil) {
        for name in folderNames(in: folder) where TemporaryFile.isName(name, of: target) {
            let path = folder + "/" + name
            if TemporaryFile.isAbandoned(path) { abandoned.append(path) }
        }
    }
}

extension ProfilePlace {
    /// Looks at the files of the profile.
    package func audit(configFolder: String?) -> FileAudit {
        FileAudit(stateFolder: stateFolder, profile: profile, configFolder: configFolder)
    }
}
