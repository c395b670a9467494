package import PartyCore

/// Where a profile keeps its files, and how its processes share.
package struct ProfilePlace: Sendable {
    /// The state folder; `nil` if no variable says where it is. Nothing can be saved then.
    package let stateFolder: String?
    let profile: String

    package init(stateFolder: String?, profile: String) {
        self.stateFolder = stateFolder
        self.profile = profile
    }

    /// - Parameter variables: the process environment. `PSPARTY_STATE_HOME` is the state folder; without it, it is `psparty` in
    ///   `XDG_STATE_HOME` or in `.local/state` of `HOME`.
    package init(variables: [String: String], profile: String) {
        self.init(
            stateFolder: Self.folder(variables, own: "PSPARTY_STATE_HOME", "XDG_STATE_HOME", ".local/state"),
            profile: profile)
    }

    /// A folder of psparty: that of its own variable, else one in the shared folder, else one in the home folder. A relative
    /// path in the shared variable is ignored, as the XDG base directory specification requires.
    package static func folder(
        _ variables: [String: String], own: String, _ shared: String, _ inHome: String
    ) -> String? {
        func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let own = variable(own) { return own }
        if let shared = variable(shared), shared.hasPrefix("/") { return shared + "/psparty" }
        return variable("HOME").map { "\($0)/\(inHome)/psparty" }
    }

    package var store: any Store {
        guard let stateFolder else { return HomelessStore() }
        return FileStore(stateFolder: stateFolder, profile: profile, random: .live)
    }

    /// - Parameter hasOwnToken: whether the access token was given. Then no file of the profile is touched, and nothing is shared.
    package func share(hasOwnToken: Bool) -> any StreamShare {
        guard let stateFolder, !hasOwnToken else { return Unshared() }
        return SocketShare(stateFolder: stateFolder, profile: profile)
    }

    /// The right to use voice is shared also with a token that was given, like the ledger of voice.
    package var voiceShare: any StreamShare {
        guard let stateFolder else { return Unshared() }
        return SocketShare(stateFolder: stateFolder, profile: profile, name: "voice")
    }
}

/// The store of a user without a home folder. It holds nothing, and reports an error when something is to be saved.
private struct HomelessStore: Store {
    private static let nowhere = StoreError(
        .unwritable, "there is no folder to keep state in: set PSPARTY_STATE_HOME, XDG_STATE_HOME or HOME")

    func load(_ item: StoreItem) throws(StoreError) -> [UInt8]? { nil }
    func save(_ item: StoreItem, _ bytes: [UInt8]) throws(StoreError) { throw Self.nowhere }
    func erase(_ item: StoreItem) throws(StoreError) {}
    func forget(_ items: [StoreItem]) async throws(StoreError) {}
    func accountFolders() -> [String] { [] }
    func lock(_ item: StoreItem) async throws(StoreError) -> StoreLock { throw Self.nowhere }
}
