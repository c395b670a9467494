extension RESTResponse {
    /// The longest wait that is reported: a year.
    private static let longestWait: Int64 = 366 * 86_400
    /// The longest wait until a date that can only be compared with the clock of this machine, which may be wrong.
    private static let longestWaitByOurClock: Int64 = 86_400

    /// The whole seconds that `Retry-After` asks to wait (RFC 9110, 10.2.3): a number, or a date, which is compared with the
    /// answer's own `Date`, as our clock may be wrong, and with our clock where there is none. `nil` where it says neither.
    package var retryAfter: Int64? {
        guard let text = header("Retry-After")?.trimmed else { return nil }
        if let seconds = Self.seconds(text) { return seconds }
        guard let end = Timestamp(httpDate: text, near: receivedAt) else { return nil }
        let date = (header("Date")?.trimmed).flatMap { Timestamp(httpDate: $0, near: receivedAt) }
        guard let start = date ?? receivedAt else { return nil }
        let longest = date == nil ? Self.longestWaitByOurClock : Self.longestWait
        let wait = end - start
        return min(max(wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0), 0), longest)
    }

    /// A number of seconds, a fraction rounded up; a negative one is no wait.
    private static func seconds(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let parts = (isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...])
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }) else { return nil }
        guard !isNegative else { return 0 }
        // Digits alone that are no number are too many.
        let whole = min(parts.first.flatMap { Int64($0) } ?? .max, longestWait)
        let hasFraction = parts.count > 1 && parts[1].contains { $0 != "0" }
        return min(whole + (hasFraction ? 1 : 0), longestWait)
    }
}
