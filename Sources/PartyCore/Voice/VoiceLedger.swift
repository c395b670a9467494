/// The open attachments of a profile and the numbers of its signals: the content of the file that survives a crash.
struct VoiceLedger: Sendable, Equatable {
    /// The attachments in the order of their start. There is more than one only if an earlier one could not be removed.
    var attachments: [BridgeAttachment] = []
    private(set) var sequence = SequenceCount()
    /// How many negotiations were started with each device, the latest last.
    private(set) var negotiations: [Negotiations] = []

    /// The negotiations with one device in one party session.
    struct Negotiations: Sendable, Equatable {
        let partyID: PartyID
        let endpoint: Signal.Endpoint
        var count: SequenceCount
    }

    /// For how many devices the count is kept.
    private static let memory = 64

    init() {}

    init(attachments: [BridgeAttachment], sequence: SequenceCount, negotiations: [Negotiations]) {
        self.attachments = attachments
        self.sequence = sequence
        self.negotiations = negotiations
    }

    /// The next numbers of the profile, which increase over all its messages (docs/protocol.md, 6.4).
    mutating func takeSequences(_ count: Int64) -> ClosedRange<Int64> {
        sequence.next(count)
    }

    /// The count of negotiations with a device: an offer begins another one, anything else belongs to the last.
    mutating func negotiation(_ kind: Signal.Kind, with endpoint: Signal.Endpoint, in id: PartyID) -> Int64 {
        let known = negotiations.firstIndex { $0.partyID == id && $0.endpoint == endpoint }
        var count = known.map { negotiations.remove(at: $0).count } ?? SequenceCount()
        if kind == .offer || count.last == 0 { _ = count.next() }
        negotiations.append(Negotiations(partyID: id, endpoint: endpoint, count: count))
        negotiations = negotiations.suffix(Self.memory)
        return count.last
    }

    /// Adds an attachment, or replaces its earlier state.
    mutating func put(_ attachment: BridgeAttachment) {
        if let index = attachments.firstIndex(where: { $0.id == attachment.id }) {
            attachments[index] = attachment
        } else {
            attachments.append(attachment)
        }
    }

    mutating func remove(_ attachment: BridgeAttachment) {
        attachments.removeAll { $0.id == attachment.id }
    }
}
