internal import Glibc

/// Keeps a loop around a system call from spinning while the call fails: pauses, and after a number of failures ends the loop.
struct PollPause {
    private var refusals = 0
    /// Microseconds.
    private let pause: UInt32

    /// How many failures in a row end the loop: five seconds with the usual pause.
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

/// The results of poll(2) that a loop has to distinguish.
enum PollOutcome {
    case ready
    /// The time is up, or a signal came.
    case nothing
    /// The call failed.
    case refused

    /// - Parameter count: the result of poll, just returned.
    init(_ count: Int32) {
        self = count > 0 ? .ready : count == 0 || errno == EINTR ? .nothing : .refused
    }
}
