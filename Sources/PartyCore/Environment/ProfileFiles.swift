extension PartyEnvironment {
    /// The profile's files, with `PartyError` as their error.
    package var files: ProfileFiles { ProfileFiles(store: store) }

    /// The same, with the files of the signed-in account.
    package func files(of account: ServiceAccount) -> ProfileFiles { files(inFolder: account.folderName) }

    /// The same for the account with that folder.
    package func files(inFolder folder: String) -> ProfileFiles {
        ProfileFiles(store: AccountStore(base: store, folder: folder))
    }
}

/// The files of a profile and of one account.
private struct AccountStore: Store {
    let base: any Store
    let folder: String

    private func own(_ item: StoreItem) -> StoreItem {
        StoreItem.ofAccounts.contains(item) ? item.in(folder) : item
    }

    func load(_ item: StoreItem) throws(StoreError) -> [UInt8]? { try base.load(own(item)) }
    func save(_ item: StoreItem, _ bytes: [UInt8]) throws(StoreError) { try base.save(own(item), bytes) }
    func erase(_ item: StoreItem) throws(StoreError) { try base.erase(own(item)) }
    func forget(_ items: [StoreItem]) async throws(StoreError) { try await base.forget(items.map(own)) }
    func accountFolders() -> [String] { base.accountFolders() }
    func lock(_ item: StoreItem) async throws(StoreError) -> StoreLock { try await base.lock(own(item)) }
}

/// `Store` with `PartyError` as its error.
package struct ProfileFiles: Sendable {
    let store: any Store

    package init(store: any Store) { self.store = store }

    package func load(_ item: StoreItem) throws(PartyError) -> [UInt8]? {
        do throws(StoreError) { return try store.load(item) } catch { throw PartyError(error) }
    }

    package func save(_ item: StoreItem, _ bytes: [UInt8]) throws(PartyError) {
        do throws(StoreError) { try store.save(item, bytes) } catch { throw PartyError(error) }
    }

    package func erase(_ item: StoreItem) throws(PartyError) {
        do throws(StoreError) { try store.erase(item) } catch { throw PartyError(error) }
    }

    package func forget(_ items: [StoreItem]) async throws(PartyError) {
        do throws(StoreError) { try await store.forget(items) } catch { throw PartyError(error) }
    }

    /// Runs `body` while no other process (or task) holds the item's lock.
    package func locked<Value: Sendable>(
        _ item: StoreItem, _ body: () async throws(PartyError) -> Value
    ) async throws(PartyError) -> Value {
        let lock: StoreLock
        do throws(StoreError) { lock = try await store.lock(item) } catch { throw PartyError(error) }
        defer { lock.release() }
        return try await body()
    }

    /// A text field of an item that is a small JSON object; `nil` if the field is missing, null or empty.
    package func field(_ key: String, of item: StoreItem) throws(PartyError) -> String? {
        try value(of: item) { root in root.isObject ? .some(root[key]?.text) : nil } ?? nil
    }

    /// The value that `read` finds in an item that is JSON.
    /// - Returns: `nil` if there is no such item.
    /// - Throws: `.storage` if it is no JSON, or `read` finds nothing.
    package func value<Value>(of item: StoreItem, _ read: (JSONView) -> Value?) throws(PartyError) -> Value? {
        // What is written without waiting for the disk can come back empty from a power cut.
        guard let bytes = try load(item), item.isDurable || !bytes.isEmpty else { return nil }
        var root = try? JSONDocument(bytes).root
        // Read in the very moment in which it was written over.
        if root == nil, item.isOverwritten { root = try load(item).flatMap { try? JSONDocument($0).root } }
        guard let root, let value = read(root) else {
            throw PartyError(
                .storage, "\(item.name) of the profile cannot be read", step: "state", hint: "move that file away")
        }
        return value
    }

    package func saveField(_ key: String, _ text: String, of item: StoreItem) throws(PartyError) {
        try save(item, JSONWriter.text { json in json.object { json in json.field(key, text) } } + [0x0A])
    }
}
