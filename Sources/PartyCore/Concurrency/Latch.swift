internal import Synchronization

/// A flag that one task or thread raises and another looks at.
public final class Latch: Sendable {
    private let state = Mutex(false)

    public init() {}

    public var isSet: Bool { state.withLock { $0 } }

    public func set() {
        state.withLock { $0 = true }
    }
}
