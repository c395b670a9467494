/// Turns what the stream brings into events and folds them into the state that completes the next ones: all that there is
/// to know of a stream, as a value that outlives its connections.
package struct StreamFold: Sendable {
    /// The parties we are in, as told so far.
    package private(set) var state = PartyState()
    private var sequences = SequenceLog()
    /// Whether an event came so late that it may have put an old value over a newer one.
    private var isInDoubt = false
    /// Whether something befell a member while earlier events were missing: one of those may bring the member as it was.
    private var hasOvertaken = false
    /// Whether an event said that something changed and not what, or told of a member or party that no event announced.
    private var isIncomplete = false
    /// Party sessions that events alone have told of, which never tell all.
    private var newcomers: Set<PartyID> = []
    /// Party sessions that are none of ours, as far as the service says: more events of them are no reason to ask again.
    private var foreign = RecentParties(limit: 64)
    private var unannounced = RecentParties(limit: 64)
    private var hasSnapshot = false
    /// When the stream was lost that is away at present.
    private(set) var lostAt: Timestamp?
    private var hasInvitations = false
    /// Ours, where it is known.
    private var account: AccountID?
    /// The connection of this run, from 1, and the number that its holder gives it.
    private var connection = 0
    private var holdersConnection = 0

    package init() {}

    /// Whether a connection of this run has stood.
    package var hasConnected: Bool { connection > 0 }

    /// Whether events are missing, came too late or told too little, so that only the service knows what holds.
    package var needsComparison: Bool { isInDoubt || isIncomplete || sequences.hasGaps }

    /// Whether there is a party session of which only the service knows the roster and the settings.
    package var hasNewcomers: Bool { !newcomers.isEmpty }

    /// The stream comes from another process from here on, which counts its connections by itself.
    package mutating func changeHolder() {
        holdersConnection = 0
    }

    /// The pending invitations; `nil` while the service's list of them was never had.
    package var pendingInvitations: [PendingInvitations.Entry]? { hasInvitations ? state.invitations.entries : nil }

    /// Party sessions that were found to be none of ours may have become so without a word.
    package mutating func forgetForeignParties() {
        foreign.removeAll()
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
            foreign.removeAll()
        }
        func event(
            _ content: StreamEvent.Content, _ frame: [UInt8]? = nil, _ origin: StreamEvent.Origin = .frame
        ) -> StreamEvent {
            StreamEvent(time: time, connection: connection, content: content, origin: origin, frame: frame)
        }
        switch delivery {
        case .lifecycle(let lifecycle):
            if case .lost = lifecycle { lostAt = lostAt ?? time } else if lifecycle == .ready { lostAt = nil }
            return ([event(.lifecycle(lifecycle))], connection)
        case .snapshot(let snapshot):
            let origin: StreamEvent.Origin = hasSnapshot ? .comparison : .snapshot
            let parties = adopt(snapshot).map { event(.party($0), nil, origin) }
            guard let pending = snapshot.invitations else { return (parties, connection) }
            // The list may be had later than the parties, and is then the first all the same.
            let listOrigin: StreamEvent.Origin = hasInvitations ? .comparison : .snapshot
            hasInvitations = true
            return (parties + state.adopt(pending).map { event(.party($0), nil, listOrigin) }, connection)
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
        let kind = event.kind
        let verdict = sequences.note(event.contexts, fingerprint: frame.document.bytes.hashValue)
        if verdict == .duplicate { return .duplicate }
        if verdict == .late, kind.replaces || (kind == .memberJoined && hasOvertaken) { isInDoubt = true }
        if kind == .memberLeft || kind == .memberUpdated, sequences.hasGaps { hasOvertaken = true }
        note(event)
        let count = state.parties.count
        let completed = state.apply(event)
        if let id = completed.partyID {
            if state.parties.count > count { newcomers.insert(id) }
            if kind == .memberLeft, let account = frame.addressee {
                state.forget(id, unlessWith: account)
                // Late events of it may follow.
                if state.parties[id] == nil { foreign.insert(id) }
            }
            if !newcomers.isEmpty, state.parties[id] == nil { newcomers.remove(id) }
        }
        return .party(completed)
    }

    /// Called before the event is folded in, since folding may add the member that it names.
    private mutating func note(_ event: borrowing PartyEvent) {
        guard let id = event.partyID else {
            if event.kind.tellsOfChange { isIncomplete = true }
            return
        }
        guard event.kind != .other, !state.hasEnded(id) else { return }
        if event.kind == .invitationReceived {
            if event.from == nil { isIncomplete = true }
        } else if let party = state.parties[id] {
            if event.leavesOpen(party) { isIncomplete = true }
        } else if event.isOfUnknownParty, !foreign.contains(id) {
            isIncomplete = true
            unannounced.insert(id)
        }
    }

    private mutating func adopt(_ snapshot: StreamSnapshot) -> [PartyEvent] {
        hasSnapshot = true
        account = snapshot.account ?? account
        var events: [PartyEvent] = []
        for entry in snapshot.parties {
            newcomers.remove(entry.id)
            // One that others are in is none of ours.
            let isOurs = snapshot.account.map { entry.party?.hasMember($0) ?? true } ?? true
            guard isOurs || state.parties[entry.id] != nil else { continue }
            events += state.adopt(entry.party, as: entry.id, me: account)
            if let account = snapshot.account { state.forget(entry.id, unlessWith: account) }
        }
        guard snapshot.isWhole else { return events }
        isInDoubt = false
        isIncomplete = false
        hasOvertaken = false
        settleUnannounced()
        newcomers = []
        sequences.settle()
        let listed = Set(snapshot.parties.map(\.id))
        let gone = state.parties.keys.filter { !listed.contains($0) }.sorted { $0.text < $1.text }
        return events + gone.flatMap { state.adopt(nil, as: $0) }
    }

    private mutating func settleUnannounced() {
        for id in unannounced.all where state.parties[id] == nil { foreign.insert(id) }
        unannounced.removeAll()
    }
}

extension PartyEvent.Kind {
    /// Those that put something in the place of something else, which may have been newer.
    fileprivate var replaces: Bool {
        switch self {
        case .partyUpdated, .memberLeft, .memberUpdated, .ownerChanged: true
        case .partyCreated, .memberJoined, .partyDeleted, .invitationReceived, .invitationRemoved, .voiceSignal,
            .voiceBridge, .messageReceived, .other:
            false
        }
    }
}
