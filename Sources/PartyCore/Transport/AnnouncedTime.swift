/// Reads a time that the service announces. Only this type decides which numbers make sense: zero, a negative
/// number, one in another unit, one that is too large, a fraction and one of more than 64 bits are ignored, and
/// the caller uses its default (docs/protocol.md, 7.1).
package struct AnnouncedTime: Sendable {
    private let millisecondsPerUnit: Int64
    /// In the unit of the wire.
    private let plausible: ClosedRange<Int64>

    /// The figures of `keepAliveStatus`, in milliseconds. Below a second they are seconds by mistake, above an hour
    /// microseconds.
    package static let keepAlive = AnnouncedTime(millisecondsPerUnit: 1, plausible: 1000...3_600_000)
    /// Advice when to try again, in seconds. Above a day it is milliseconds by mistake, or useless.
    package static let retryInterval = AnnouncedTime(millisecondsPerUnit: 1000, plausible: 1...86_400)
    /// `expires_in` of an access token, in seconds. An hour is usual; above a week it is milliseconds by mistake.
    package static let accessLifetime = AnnouncedTime(millisecondsPerUnit: 1000, plausible: 1...604_800)
    /// `refresh_token_expires_in`, in seconds. 60 days are usual; above two years it is milliseconds by mistake.
    package static let refreshLifetime = AnnouncedTime(millisecondsPerUnit: 1000, plausible: 1...63_072_000)

    /// - Returns: `nil` if the number makes no sense.
    package func read(_ figure: Int64?) -> Duration? {
        guard let figure, plausible.contains(figure) else { return nil }
        return .milliseconds(figure * millisecondsPerUnit)
    }

    /// A whole number, or a string that holds one.
    package func read(_ json: JSONView?) -> Duration? { read(json?.integer) }

    /// The value of a header.
    package func read(_ text: String?) -> Duration? { read(text.flatMap { Int64($0) }) }
}
