/// A bounded set of party sessions: beyond the limit the oldest are dropped.
package struct RecentParties: Sendable, Equatable {
    private let limit: Int
    private var ids: Set<PartyID> = []
    private var order: [PartyID] = []

    package init(limit: Int) {
        self.limit = limit
    }

    /// The oldest first.
    package var all: [PartyID] { order }

    package func contains(_ id: PartyID) -> Bool { !ids.isEmpty && ids.contains(id) }

    package mutating func insert(_ id: PartyID) {
        guard ids.insert(id).inserted else { return }
        order.append(id)
        if order.count > limit { ids.remove(order.removeFirst()) }
    }

    package mutating func remove(_ id: PartyID) {
        guard ids.remove(id) != nil else { return }
        order.removeAll { $0 == id }
    }

    package mutating func removeAll() {
        ids = []
        order = []
    }
}
