/// The sequence numbers of the events of each context: finds duplicates, late events and gaps (docs/protocol.md, 7.4).
package struct SequenceLog: Sendable {
    /// The order of an event relative to those before it.
    package enum Verdict: Sendable, Equatable {
        /// The next one, or one without a number.
        case next
        /// Numbers before it are missing.
        case early
        /// It was missing so far.
        case late
        /// It has arrived before.
        case duplicate
    }

    private struct Context: Sendable {
        var highest: Int64
        var lastUse: UInt64
        var missing: Set<Int64> = []
        /// The latest numbers with the fingerprints of their frames.
        var recent: [(number: Int64, fingerprint: Int)] = []

        /// Only the latest numbers of a wide gap are kept: one is enough to know of the gap.
        mutating func miss(_ numbers: Range<Int64>) {
            missing.formUnion(numbers.suffix(SequenceLog.memory))
            // A context that jumps with each event must not fill the memory.
            if missing.count > 4 * SequenceLog.memory { missing = Set(missing.sorted().suffix(SequenceLog.memory)) }
        }
    }

    private var contexts: [ContextID: Context] = [:]
    /// Our own contexts, the latest last.
    private var own: [ContextID] = []
    private var uses: UInt64 = 0

    /// The number of sequence numbers of a context that are kept to find duplicates and late events.
    private static let memory = 64
    /// The number of contexts that are kept; beyond it the least recently used one is dropped.
    private static let mostContexts = 256
    /// The number of marks of an event that are read: each device of an account adds one.
    private static let mostMarks = 16

    package init() {}

    /// Follows a context that we made. Its first event has number 1, so a later first number means a gap.
    package mutating func follow(_ context: ContextID) {
        guard !own.contains(context) else { return }
        own.append(context)
        if own.count > Self.memory { own.removeFirst() }
    }

    /// Whether events are missing.
    package var hasGaps: Bool { contexts.values.contains { !$0.missing.isEmpty } }

    /// Drops all gaps, after a comparison.
    package mutating func settle() {
        for id in contexts.keys { contexts[id]?.missing = [] }
    }

    /// Notes an event's numbers. One with marks of several contexts (two devices of one account) is a duplicate only if
    /// it is one in all of them.
    /// - Parameter fingerprint: of the frame: the same number with other content is no duplicate.
    package mutating func note(_ marks: [PushContext], fingerprint: @autoclosure () -> Int) -> Verdict {
        guard !marks.isEmpty else { return .next }
        let fingerprint = fingerprint()
        var verdicts: [Verdict] = []
        for mark in marks.prefix(Self.mostMarks) {
            guard let number = mark.sequenceNumber, number > 0 else { return .next }
            verdicts.append(note(number, in: mark.id, fingerprint))
        }
        if verdicts.allSatisfy({ $0 == .duplicate }) { return .duplicate }
        return verdicts.first { $0 == .early } ?? verdicts.first { $0 == .late } ?? .next
    }

    private mutating func note(_ number: Int64, in id: ContextID, _ fingerprint: Int) -> Verdict {
        uses += 1
        guard var context = contexts[id] else {
            dropOldest()
            var context = Context(highest: number, lastUse: uses, recent: [(number, fingerprint)])
            if own.contains(id) { context.miss(1..<number) }
            contexts[id] = context
            return context.missing.isEmpty ? .next : .early
        }
        context.lastUse = uses
        defer { contexts[id] = context }
        if context.recent.contains(where: { $0 == (number, fingerprint) }) { return .duplicate }
        context.recent.append((number, fingerprint))
        if context.recent.count > Self.memory { context.recent.removeFirst() }
        guard number > context.highest else {
            context.missing.remove(number)
            return .late
        }
        let isNext = number == context.highest + 1
        if !isNext { context.miss(context.highest + 1..<number) }
        context.highest = number
        return isNext ? .next : .early
    }

    private mutating func dropOldest() {
        guard contexts.count >= Self.mostContexts,
            let oldest = contexts.min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return }
        contexts[oldest.key] = nil
    }
}
