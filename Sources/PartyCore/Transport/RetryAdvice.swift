/// When the service wants the next try, from headers (docs/protocol.md, 7.2) or the error in the body (7.1).
package struct RetryAdvice: Sendable, Equatable {
    package let shortest: Duration
    package let longest: Duration

    /// Longer advice is shortened to this.
    static let limit: Duration = .seconds(86_400)

    /// `nil` if the response has no sensible advice. The push service's intervals override `Retry-After`.
    package init?(_ response: RESTResponse) {
        let (least, most) = Self.intervals(of: response)
        let asked = AnnouncedTime.retryInterval.read(response.retryAfter)
        guard let shortest = least ?? asked ?? most else { return nil }
        self.shortest = shortest
        longest = max(shortest, most ?? shortest)
    }

    /// Whether the answer holds the push service's own advice.
    package static func isGiven(in response: RESTResponse) -> Bool { intervals(of: response) != (nil, nil) }

    private static func intervals(of response: RESTResponse) -> (least: Duration?, most: Duration?) {
        let time = AnnouncedTime.retryInterval
        let least = time.read(response.header("X-PSN-RETRY-INTERVAL-MIN"))
        let most = time.read(response.header("X-PSN-RETRY-INTERVAL-MAX"))
        guard least == nil, most == nil, response.status >= 400 else { return (least, most) }
        let error = (try? JSONDocument(response.body))?.root["error"]
        return (time.read(error?["retryIntervalMin"]), time.read(error?["retryIntervalMax"]))
    }

    /// A time between the two; `fraction` is random, from 0 up to 1.
    package func wait(fraction: Double) -> Duration {
        shortest + .milliseconds(Int64(Double((longest - shortest).inMilliseconds) * fraction))
    }
}
