/// Turns deliveries of the stream into events and applies them to the state, which completes later events. The value
/// outlives the connections.
package struct StreamFold: Sendable {
    /// The parties of this account, from the events so far.
    package private(set) var state = PartyState()
    private var sequences = SequenceLog()
    /// Whether a late event may have replaced a newer value.
    private var isInDoubt = false
    /// Whether a member changed while earlier events were missing: one of these may restore the old values.
    private var hasOvertaken = false
    /// Whether an event was incomplete: a change without its value, or a member or party that was not announced.
    private var isIncomplete = false
    /// Party sessions known from events only, whose state is therefore incomplete.
    private(set) var newcomers: Set<PartyID> = []
    /// Whether the service has named all parties of this account at least once.
    private(set) var isKnown = false
    /// Party sessions that the service did not show as ours: further events of them cause no comparison.
    private var foreign = RecentParties(limit: 64)
    private var unannounced = RecentParties(limit: 64)
    private var hasSnapshot = false
    /// When the stream was lost; `nil` while it is ready.
    private(set) var lostAt: Timestamp?
    private var hasInvitations = false
    /// Our account, if known.
    private var account: AccountID?
    /// The number of the connection in this run, from 1, and its number at the holder.
    private var connection = 0
    private var holdersConnection = 0

    package init() {}

    /// Whether this run has had a connection.
    package var hasConnected: Bool { connection > 0 }

    /// Whether events are missing, late or incomplete, so that only the service knows the present state.
    package var needsComparison: Bool { isInDoubt || isIncomplete || sequences.hasGaps }

    /// Whether there is a party session whose roster and settings only the service knows.
    package var hasNewcomers: Bool { !newcomers.isEmpty }

    /// From now on the stream comes from another process, which has its own connection numbers.
    package mutating func changeHolder() {
        holdersConnection = 0
    }

    /// The pending invitations; `nil` before the service's first list of them.
    package var pendingInvitations: [PendingInvitations.Entry]? { hasInvitations ? state.invitations.entries : nil }

    /// Forgets which party sessions are not ours: they may have become ours without an event.
    package mutating func forgetForeignParties() {
        foreign.removeAll()
    }

    /// Follows a context that we made: its events are numbered from 1.
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
            // The first list of invitations may come after the first parties.
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
                // Late events of the party may follow.
                if state.parties[id] == nil { foreign.insert(id) }
            }
            if !newcomers.isEmpty, state.parties[id] == nil { newcomers.remove(id) }
        }
        return .party(completed)
    }

    /// Called before the event is applied, because that may add the member that it names.
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
            // A party without this account is not ours.
            let isOurs = snapshot.account.map { entry.party?.hasMember($0) ?? true } ?? true
            guard isOurs || state.parties[entry.id] != nil else { continue }
            events += state.adopt(entry.party, as: entry.id, me: account)
            if let account = snapshot.account { state.forget(entry.id, unlessWith: account) }
        }
        guard snapshot.isWhole else { return events }
        isKnown = true
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
    /// Whether events of the kind replace a value, which may be newer.
    fileprivate var replaces: Bool {
        switch self {
        case .partyUpdated, .memberLeft, .memberUpdated, .ownerChanged: true
        case .partyCreated, .memberJoined, .partyDeleted, .invitationReceived, .invitationRemoved, .partyVisible,
            .partyHidden, .voiceSignal, .voiceBridge, .messageReceived, .other:
            false
        }
    }
}
