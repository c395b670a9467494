/// How long to wait before the next connection: full jitter under a ceiling that doubles from 1 s to 60 s.
package struct Backoff: Sendable, Equatable {
    private var failures = 0

    package init() {}

    /// The wait before the next try. `fraction` is random, from 0 up to 1.
    package mutating func next(fraction: Double) -> Duration {
        let ceiling = min(60, 1 << min(failures, 6))
        failures += 1
        return .milliseconds(Int64(Double(ceiling) * 1000 * fraction))
    }

    /// After a connection that lasted.
    package mutating func reset() {
        failures = 0
    }
}
