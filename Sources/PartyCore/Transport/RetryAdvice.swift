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
        let asked = response.retryAfter.map { min($0, Self.limit.components.seconds) }
        let least = seconds("X-PSN-RETRY-INTERVAL-MIN") ?? asked
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
