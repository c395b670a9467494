/// How often events may cause a comparison with the service: at once for the first few, and less often after that, so
/// that a busy party, or a malicious service, does not use up the budget of requests.
struct ComparisonPace: Sendable {
    private var last: Duration?
    /// Increases with each comparison and decreases with time.
    private var strain = 0

    private static let shortest: Duration = .seconds(10)
    private static let longest: Duration = .seconds(60)
    /// How many in a row are the shortest interval apart.
    private static let free = 3

    /// When the next comparison may start.
    var next: Duration {
        guard let last else { return .zero }
        let steps = max(0, strain - Self.free)
        return last + (steps > 2 ? Self.longest : min(Self.shortest * (1 << steps), Self.longest))
    }

    /// A comparison that events caused has ended.
    mutating func ended(at now: Duration) {
        let quiet = last.map { Int(min((now - $0) / Self.longest, 1000)) } ?? strain
        strain = max(0, strain - quiet) + 1
        last = now
    }
}
