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

/// What the service said about when to come back (docs/protocol.md, 7.2).
package struct RetryAdvice: Sendable, Equatable {
    package let shortest: Duration
    package let longest: Duration

    /// No advice is followed for longer.
    static let limit: Duration = .seconds(86_400)

    /// `nil` where the answer gives no advice.
    package init?(_ response: RESTResponse) {
        func seconds(_ name: String) -> Int64? {
            response.header(name).flatMap { Int64($0) }.map { min(max($0, 0), Self.limit.components.seconds) }
        }
        let least = seconds("X-PSN-RETRY-INTERVAL-MIN") ?? seconds("Retry-After")
        let most = seconds("X-PSN-RETRY-INTERVAL-MAX")
        guard let least = least ?? most else { return nil }
        shortest = .seconds(least)
        longest = .seconds(max(least, most ?? least))
    }

    /// A moment between the two; `fraction` is random, from 0 up to 1.
    package func wait(fraction: Double) -> Duration {
        shortest + .milliseconds(Int64(Double((longest - shortest).inMilliseconds) * fraction))
    }
}
