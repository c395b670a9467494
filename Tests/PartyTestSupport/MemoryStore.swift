package import PartyCore
internal import Synchronization

/// A profile's files in memory.
package final class MemoryStore: Store {
    private struct State {
        var items: [StoreItem: [UInt8]] = [:]
        var locked: Set<StoreItem> = []
        var saveError: StoreError?
        var waiting: [StoreItem: [CheckedContinuation<Void, Never>]] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// The error of every further `save`.
    package func failSaves(with error: StoreError?) {
        state.withLock { $0.saveError = error }
    }

    package var items: [StoreItem: [UInt8]] { state.withLock { $0.items } }

    /// The stored item, of the profile or of the only account that has one.
    package func kept(_ item: StoreItem) -> [UInt8]? {
        state.withLock { state in state.items.first { $0.key.name == item.name }?.value }
    }

    package func load(_ item: StoreItem) throws(StoreError) -> [UInt8]? {
        state.withLock { $0.items[item] }
    }

    package func save(_ item: StoreItem, _ bytes: [UInt8]) throws(StoreError) {
        let error = state.withLock { state in
            if state.saveError == nil { state.items[item] = bytes }
            return state.saveError
        }
        if let error { throw error }
    }

    package func accountFolders() -> [String] {
        state.withLock { state in Set(state.items.keys.compactMap(\.folder)).sorted() }
    }

    package func erase(_ item: StoreItem) throws(StoreError) {
        state.withLock { $0.items[item] = nil }
    }

    package func forget(_ items: [StoreItem]) async throws(StoreError) {
        let lock = try await lock(.credentials)
        defer { lock.release() }
        state.withLock { state in
            for item in items { state.items[item] = nil }
        }
    }

    package func lock(_ item: StoreItem) async throws(StoreError) -> StoreLock {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.locked.insert(item).inserted { return true }
                state.waiting[item, default: []].append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        // The lock was free, or a release handed it over.
        return StoreLock(release: { self.release(item) })
    }

    private func release(_ item: StoreItem) {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard var queue = state.waiting[item], !queue.isEmpty else {
                state.locked.remove(item)
                return nil
            }
            let first = queue.removeFirst()
            state.waiting[item] = queue
            return first
        }
        next?.resume()
    }
}
