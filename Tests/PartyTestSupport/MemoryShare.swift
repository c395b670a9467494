public import PartyCore
internal import Synchronization

/// Processes of one profile that are tasks of one test.
public final class MemoryShare: StreamShare {
    private struct State {
        var join: AsyncStream<StreamLine>.Continuation?
        var closers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    public init() {}

    public func hold() -> StreamHold? {
        let (joined, join) = AsyncStream<StreamLine>.makeStream()
        let isFree = state.withLock { state in
            guard state.join == nil else { return false }
            state.join = join
            return true
        }
        guard isFree else { return nil }
        return StreamHold(joined: joined) {
            join.finish()
            let closers = self.state.withLock { state in
                defer { state = State() }
                return state.closers
            }
            for close in closers { close() }
        }
    }

    public func join() -> StreamLine? {
        let (toHolder, holderReceives) = Self.half()
        let (toFollower, followerReceives) = Self.half()
        let close: @Sendable () -> Void = {
            toHolder.finish()
            toFollower.finish()
        }
        let isThere = state.withLock { state in
            guard let join = state.join else { return false }
            join.yield(StreamLine(received: holderReceives, send: { toFollower.send($0) }, close: close))
            state.closers.append(close)
            return true
        }
        guard isThere else { return nil }
        return StreamLine(received: followerReceives, send: { toHolder.send($0) }, close: close)
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
