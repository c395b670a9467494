import Synchronization

/// Counts the bytes that a socket has delivered and that are not processed yet. While there are too many, the socket is not
/// read: that bounds the memory of a flood that arrives faster than it is processed.
final class ReceiveWindow: Sendable {
    private struct State {
        var bytes = 0
        var isFull = false
    }

    /// Above this number of bytes the window is full, until it has come down to a quarter.
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

    /// - Returns: whether it was full and no longer is.
    func remove(_ bytes: Int) -> Bool {
        state.withLock { state in
            state.bytes -= bytes
            guard state.isFull, state.bytes <= Self.limit / 4 else { return false }
            state.isFull = false
            return true
        }
    }
}
