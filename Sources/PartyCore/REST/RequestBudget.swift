/// How many requests a profile may send: 300 in any 15 minutes, a rate that others use without being refused
/// (docs/protocol.md, 3.3).
package struct RequestBudget: Sendable, Equatable {
    package static let limit = 300
    /// At this number of requests left people are told.
    package static let few = 30
    private static let span: Duration = .seconds(15 * 60)

    /// The times of the requests within the span, oldest first.
    private var moments: [Timestamp]

    /// Reads what `bytes` wrote; anything else is a full budget.
    package init(_ bytes: [UInt8]) {
        let list = try? JSONDocument(bytes).root.elements
        moments = (list ?? []).compactMap { $0.integer.map(Timestamp.init(milliseconds:)) }
    }

    package var bytes: [UInt8] {
        JSONWriter.text { json in json.array(moments) { json, moment in json.integer(moment.milliseconds) } }
    }

    /// Takes one request.
    /// - Parameter bypassesLimit: whether the request closes what an earlier one opened; it is never refused then.
    /// - Parameter reserve: how many requests must remain for others.
    /// - Returns: `nil` if the request may be sent, else how long until it may be.
    package mutating func spend(at now: Timestamp, bypassesLimit: Bool = false, keeping reserve: Int = 0) -> Duration? {
        // A moment that is still to come was written before the clock was set back: it counts for nothing.
        moments.removeAll { $0 > now || now - $0 >= Self.span }
        guard moments.count >= Self.limit - max(reserve, 0), !bypassesLimit, let oldest = moments.first else {
            moments.append(now)
            return nil
        }
        return Self.span - (now - oldest)
    }

    /// How many requests may be sent at that time.
    package func left(at now: Timestamp) -> Int { max(0, Self.limit - counted(at: now).count) }

    /// How long until one more request may be sent than at that time.
    package func nextFree(after now: Timestamp) -> Duration? {
        counted(at: now).first.map { Self.span - (now - $0) }
    }

    private func counted(at now: Timestamp) -> [Timestamp] { moments.filter { $0 <= now && now - $0 < Self.span } }
}
