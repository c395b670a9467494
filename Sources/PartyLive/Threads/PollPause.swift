internal import Glibc

/// What keeps a loop around a system call from spinning while the system refuses: it pauses, and after a while it is told
/// to give up.
struct PollPause {
    private var refusals = 0
    /// Microseconds.
    private let pause: UInt32

    /// For five seconds, with the usual pause.
    static let most = 50

    init(pause: UInt32 = 100_000) {
        self.pause = pause
    }

    /// To be called after each turn.
    /// - Returns: whether the loop may go on.
    mutating func mayGoOn(afterRefusal isRefused: Bool) -> Bool {
        guard isRefused else {
            refusals = 0
            return true
        }
        refusals += 1
        usleep(pause)
        return refusals < Self.most
    }
}

/// What poll(2) came to, with those outcomes told apart that a loop has to.
enum PollOutcome {
    case ready
    /// The time is up, or a signal came.
    case nothing
    /// The system does not do it.
    case refused

    /// - Parameter count: what poll has just returned.
    init(_ count: Int32) {
        self = count > 0 ? .ready : count == 0 || errno == EINTR ? .nothing : .refused
    }
}
