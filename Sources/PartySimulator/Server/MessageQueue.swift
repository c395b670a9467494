import Glibc
import Synchronization

/// Messages to the thread of a connection: replies, pushed output and the request to stop.
final class MessageQueue: Sendable {
    /// One message to the connection's thread.
    enum Message: Sendable {
        case reply(SimulatedReply)
        case opening(PushOpening)
        case output(SimulatedPushOutput)
    }

    private struct State {
        var waiting: [Message] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let readEnd: Int32
    private let writeEnd: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Becomes readable when a new message arrives.
    var descriptor: Int32 { readEnd }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Adds a message. Returns false if the connection no longer reads its messages.
    @discardableResult
    func post(_ message: Message) -> Bool {
        let (isTaken, wasEmpty) = state.withLock { state in
            guard !state.isStopped else { return (false, false) }
            state.waiting.append(message)
            return (true, state.waiting.count == 1)
        }
        if wasEmpty { wake() }
        return isTaken
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// All messages since the last call.
    func take() -> [Message] {
        var sink = [UInt8](repeating: 0, count: 64)
        while unsafe read(readEnd, &sink, sink.count) > 0 {}
        return state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func wake() {
        var byte: UInt8 = 1
        // A full pipe is readable as well, so a failed write does no harm.
        _ = unsafe write(writeEnd, &byte, 1)
    }
}
