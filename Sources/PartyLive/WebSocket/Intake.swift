import Synchronization

/// How many bytes have come over a socket and are not through with yet: what bounds the memory of a flood that is read more
/// slowly than it comes, by not reading on.
final class Intake: Sendable {
    private struct State {
        var bytes = 0
        var isFull = false
    }

    /// Beyond that the socket is not read, until it has come down to a quarter.
    static let limit = 1 << 20

    private let state = Mutex(State())

    /// - Returns: whether it is full now.
    func add(_ bytes: Int) -> Bool {
        state.withLock { state in
            state.bytes += bytes
            if state.bytes > Self.limit { state.isFull = true }
            return state.isFull
        }
    }

    /// - Returns: whether it was full and is no more.
    func remove(_ bytes: Int) -> Bool {
        state.withLock { state in
            state.bytes -= bytes
            guard state.isFull, state.bytes <= Self.limit / 4 else { return false }
            state.isFull = false
            return true
        }
    }
}
