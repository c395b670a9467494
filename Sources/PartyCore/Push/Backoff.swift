/// How long to wait before the next connection (docs/protocol.md, 7.5). Each cause of failure has its own schedule.
package struct Backoff: Sendable, Equatable {
    package enum Cause: Sendable, Equatable {
        /// A stream was lost that had been ready.
        case lostStream
        /// No answer came from the service, or the connection broke off: full jitter under a ceiling that doubles from 1 s
        /// to 60 s.
        case network
        /// The service answered with a refusal and no advice: 2 to 4 s after the first, from the second on 120 to 180 s, doubling
        /// to 20 min.
        case refusal
    }

    private var failures = 0
    private var refusals = 0

    private static let refusalMinimum = 120
    private static let refusalMaximum = 180
    private static let refusalLimit = 1200

    package init() {}

    /// The wait before the next try. `fraction` is random, from 0 up to 1.
    package mutating func next(after cause: Cause, fraction: Double) -> Duration {
        defer { failures += 1 }
        // The first loss of a stream is tried at once, while the service still holds our place. A service that closes each
        // stream soon after gets longer waits.
        if cause == .lostStream, failures == 0 { return .zero }
        if cause == .refusal {
            refusals += 1
            return refusals > 1 ? afterRefusals(fraction) : Self.between(2, 4, fraction)
        }
        return Self.between(0, min(60, 1 << min(cause == .lostStream ? failures - 1 : failures, 6)), fraction)
    }

    private func afterRefusals(_ fraction: Double) -> Duration {
        let factor = 1 << min(refusals - 2, 4)
        return Self.between(
            min(Self.refusalMinimum * factor, Self.refusalLimit), min(Self.refusalMaximum * factor, Self.refusalLimit),
            fraction)
    }

    /// A moment between two numbers of seconds.
    private static func between(_ shortest: Int, _ longest: Int, _ fraction: Double) -> Duration {
        .milliseconds(Int64(shortest * 1000) + Int64(Double((longest - shortest) * 1000) * fraction))
    }

    /// After a connection that lasted.
    package mutating func reset() {
        self = Backoff()
    }
}
