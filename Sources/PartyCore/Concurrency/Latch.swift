internal import Synchronization

/// A flag that one task or thread raises and another looks at.
package final class Latch: Sendable {
    private let state = Mutex(false)

    package init() {}

    package var isSet: Bool { state.withLock { $0 } }

    package func set() {
        state.withLock { $0 = true }
    }
}
