/// Turns what the stream brings into events and folds them into the state that completes the next ones: all that there is
/// to know of a stream, as a value that outlives its connections.
package struct StreamFold: Sendable {
    /// The parties as told so far.
    package private(set) var state = PartyState()
    private var sequences = SequenceLog()
    /// Whether an event came so late that it may have put an old value over a newer one.
    private var isInDoubt = false
    private var hasSnapshot = false
    /// The connection of this run, from 1, and the number that its holder gives it.
    private var connection = 0
    private var holdersConnection = 0

    package init() {}

    /// Whether a connection of this run has stood.
    package var hasConnected: Bool { connection > 0 }

    /// Whether events are missing or came too late, so that only the service knows what holds.
    package var needsComparison: Bool { isInDoubt || sequences.hasGaps }

    /// The stream comes from another process from here on, which counts its connections by itself.
    package mutating func changeHolder() {
        holdersConnection = 0
    }

    /// The events of a context that we made are counted from 1.
    package mutating func follow(_ context: ContextID) {
        sequences.follow(context)
    }

    /// The events in a delivery, and the connection of this run that it belongs to (0 before the first).
    package mutating func take(
        _ delivery: StreamDelivery, connection number: Int, time: Timestamp
    ) -> (events: [StreamEvent], connection: Int) {
        if number > 0, number != holdersConnection {
            holdersConnection = number
            connection += 1
        }
        func event(
            _ content: StreamEvent.Content, _ frame: [UInt8]? = nil, _ origin: StreamEvent.Origin = .frame
        ) -> StreamEvent {
            StreamEvent(time: time, connection: connection, content: content, origin: origin, frame: frame)
        }
        switch delivery {
        case .lifecycle(let lifecycle): return ([event(.lifecycle(lifecycle))], connection)
        case .snapshot(let snapshot):
            let origin: StreamEvent.Origin = hasSnapshot ? .comparison : .snapshot
            return (adopt(snapshot).map { event(.party($0), nil, origin) }, connection)
        case .frames(let frames):
            let events = frames.map { bytes in
                do throws(CodecError) {
                    return event(content(of: try PushFrame(bytes)), bytes)
                } catch {
                    return event(.lifecycle(.frameInvalid(problem: error.description, size: bytes.count)))
                }
            }
            return (events, connection)
        }
    }

    private mutating func content(of frame: PushFrame) -> StreamEvent.Content {
        guard frame.isEvent else { return .unknownFrame }
        let event = PushEventDecoder.event(in: frame)
        switch sequences.note(event.contexts, fingerprint: frame.document.bytes.hashValue) {
        case .duplicate: return .duplicate
        case .late where !event.kind.isHarmlessWhenLate: isInDoubt = true
        case .next, .early, .late: break
        }
        return .party(state.apply(event))
    }

    private mutating func adopt(_ snapshot: StreamSnapshot) -> [PartyEvent] {
        hasSnapshot = true
        isInDoubt = false
        sequences.settle()
        return snapshot.parties.flatMap { entry in state.adopt(entry.party, as: entry.id) }
    }
}

extension PartyEvent.Kind {
    /// Those that put nothing in the place of something newer.
    fileprivate var isHarmlessWhenLate: Bool {
        switch self {
        case .partyCreated, .memberJoined, .partyDeleted, .invitationReceived, .invitationRemoved, .voiceSignal,
            .voiceBridge, .messageReceived, .other:
            true
        case .partyUpdated, .memberLeft, .memberUpdated, .ownerChanged: false
        }
    }
}
