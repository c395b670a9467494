import Glibc
import Synchronization

/// What reaches a connection's thread from outside: replies, pushed output and the order to stop.
final class Mailbox: Sendable {
    /// One thing for the connection's thread.
    enum Mail: Sendable {
        case reply(SimulatedReply)
        case opening(PushOpening)
        case output(SimulatedPushOutput)
    }

    private struct State {
        var mails: [Mail] = []
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

    /// Becomes readable when there is something new.
    var descriptor: Int32 { readEnd }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Hands something over; false where nobody takes it any more.
    @discardableResult
    func post(_ mail: Mail) -> Bool {
        let (isTaken, wasEmpty) = state.withLock { state in
            guard !state.isStopped else { return (false, false) }
            state.mails.append(mail)
            return (true, state.mails.count == 1)
        }
        if wasEmpty { wake() }
        return isTaken
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// All that has come since the last time.
    func take() -> [Mail] {
        var sink = [UInt8](repeating: 0, count: 64)
        while unsafe read(readEnd, &sink, sink.count) > 0 {}
        return state.withLock { state in
            defer { state.mails = [] }
            return state.mails
        }
    }

    private func wake() {
        var byte: UInt8 = 1
        // A full pipe is as good as a written one.
        _ = unsafe write(writeEnd, &byte, 1)
    }
}
