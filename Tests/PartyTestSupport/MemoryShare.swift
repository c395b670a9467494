package import PartyCore
internal import Synchronization

/// The share of processes that are tasks of one test; those of one account share a connection.
package final class MemoryShare: StreamShare {
    private struct State {
        var join: AsyncStream<ShareConnection>.Continuation?
        var closers: [@Sendable () -> Void] = []
    }

    private let states = Mutex<[ServiceAccount: State]>([:])

    package init() {}

    /// The connection to the only holder.
    package func join() -> ShareConnection? {
        states.withLock { $0.first { $0.value.join != nil }?.key }.flatMap { join(for: $0) }
    }

    package func hold(for account: ServiceAccount) -> StreamHold? {
        let (joined, join) = AsyncStream<ShareConnection>.makeStream()
        let isFree = states.withLock { states in
            guard states[account]?.join == nil else { return false }
            states[account, default: State()].join = join
            return true
        }
        guard isFree else { return nil }
        return StreamHold(joined: joined) {
            join.finish()
            let closers = self.states.withLock { $0.removeValue(forKey: account)?.closers ?? [] }
            for close in closers { close() }
        }
    }

    package func join(for account: ServiceAccount) -> ShareConnection? {
        let (toHolder, holderReceives) = Self.half()
        let (toFollower, followerReceives) = Self.half()
        let close: @Sendable () -> Void = {
            toHolder.finish()
            toFollower.finish()
        }
        let isThere = states.withLock { states in
            guard let join = states[account]?.join else { return false }
            join.yield(ShareConnection(received: holderReceives, send: { toFollower.send($0) }, close: close))
            states[account]?.closers.append(close)
            return true
        }
        guard isThere else { return nil }
        return ShareConnection(received: followerReceives, send: { toHolder.send($0) }, close: close)
    }

    private struct Half: Sendable {
        let continuation: AsyncStream<[[UInt8]]>.Continuation

        func send(_ bytes: [UInt8]) {
            continuation.yield(bytes.split(separator: 0x0A).map(Array.init))
        }

        func finish() { continuation.finish() }
    }

    private static func half() -> (Half, AsyncStream<[[UInt8]]>) {
        let (stream, continuation) = AsyncStream<[[UInt8]]>.makeStream()
        return (Half(continuation: continuation), stream)
    }
}
