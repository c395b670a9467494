/// Limits repeated warnings: the first few of a kind about a peer are reported, the others counted
/// and reported as a number, once a minute and at the end. Pure.
struct WarningTally: Sendable {
    /// A warning for people.
    struct Warning: Sendable, Equatable {
        let peer: VoicePeer?
        let error: PartyError
    }

    private struct Key: Hashable {
        let peer: VoicePeer?
        let step: String?
        let kind: PartyError.Kind
    }

    private struct Entry {
        var told = 0
        var counted = 0
        var end: Duration
        var last: PartyError
    }

    static let atOnce = 3
    static let span: Duration = .seconds(60)
    /// Beyond this number of peers and kinds they are counted together.
    private static let limit = 128

    private var entries: [Key: Entry] = [:]

    /// When `summaries` is due; `nil` if no warning was only counted.
    var deadline: Duration? { entries.values.filter { $0.counted > 0 }.map(\.end).min() }

    /// - Returns: whether to report this one now.
    mutating func note(_ warning: Warning, at now: Duration) -> Bool {
        entries = entries.filter { $0.value.end > now || $0.value.counted > 0 }
        var key = Key(peer: warning.peer, step: warning.error.step, kind: warning.error.kind)
        if entries[key] == nil, entries.count >= Self.limit { key = Key(peer: nil, step: nil, kind: .refused) }
        var entry = entries[key] ?? Entry(end: now + Self.span, last: warning.error)
        defer { entries[key] = entry }
        entry.last = warning.error
        guard entry.told >= Self.atOnce else {
            entry.told += 1
            return true
        }
        entry.counted += 1
        return false
    }

    /// Removes and returns the counts that are due.
    /// - Parameter now: `nil` for all of them.
    mutating func summaries(at now: Duration?) -> [Warning] {
        var due: [Warning] = []
        for (key, entry) in entries where entry.counted > 0 && (now.map { entry.end <= $0 } ?? true) {
            var error = entry.last
            error.message = "\(entry.counted) more like this: \(entry.last.message)"
            error.hint = nil
            due.append(Warning(peer: key.peer, error: error))
            entries[key]?.counted = 0
            if let now { entries[key]?.end = now + Self.span }
        }
        return due.sorted { $0.error.message < $1.error.message }
    }
}
