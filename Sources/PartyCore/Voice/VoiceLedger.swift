/// What a profile has open of voice, and the numbers of its signals: the whole of the file that outlives a crash.
struct VoiceLedger: Sendable, Equatable {
    /// In the order they were begun. More than one only where an earlier one could not be taken down.
    var legs: [VoiceLeg] = []
    private(set) var lastSequence: Int64 = 0
    /// How often we have begun to negotiate with a device, the latest last.
    private(set) var negotiations: [Negotiations] = []

    /// Our negotiations with one device in one party session.
    struct Negotiations: Sendable, Equatable {
        let partyID: PartyID
        let endpoint: Signal.Endpoint
        var count: Int64
    }

    /// Of so many devices the count is kept.
    private static let memory = 64

    init() {}

    init(legs: [VoiceLeg], lastSequence: Int64, negotiations: [Negotiations]) {
        self.legs = legs
        self.lastSequence = lastSequence
        self.negotiations = negotiations
    }

    /// The next numbers of the sending profile, which grow over all its messages (docs/protocol.md, 6.4).
    mutating func takeSequences(_ count: Int64) -> ClosedRange<Int64> {
        let first = lastSequence + 1
        lastSequence += max(count, 1)
        return first...lastSequence
    }

    /// The count of negotiations with a device: an offer begins another one, anything else belongs to the last.
    mutating func negotiation(_ kind: Signal.Kind, with endpoint: Signal.Endpoint, in id: PartyID) -> Int64 {
        let known = negotiations.firstIndex { $0.partyID == id && $0.endpoint == endpoint }
        let last = known.map { negotiations.remove(at: $0).count } ?? 0
        let count = kind == .offer ? last + 1 : max(last, 1)
        negotiations.append(Negotiations(partyID: id, endpoint: endpoint, count: count))
        negotiations = negotiations.suffix(Self.memory)
        return count
    }

    /// Puts a leg in, or in place of what was known of it.
    mutating func put(_ leg: VoiceLeg) {
        if let index = legs.firstIndex(where: { $0.id == leg.id }) {
            legs[index] = leg
        } else {
            legs.append(leg)
        }
    }

    mutating func remove(_ leg: VoiceLeg) {
        legs.removeAll { $0.id == leg.id }
    }
}
