import PartyCore

/// What a live roster is drawn from: the parties as told so far, the health of the stream, and what happened last.
struct RosterBoard: Sendable {
    /// How the push stream is.
    enum Health: Sendable, Equatable {
        case connecting, connected
        case lost(reason: String, retryAt: Timestamp)
    }

    /// Something that happened, in words.
    struct Happening: Sendable, Equatable {
        let time: Timestamp
        let words: EventWords
    }

    /// What the service is to be asked, since the stream does not tell it: how a party session is.
    struct Question: Sendable, Equatable {
        let party: PartyID
        /// How many events of it were known when it was asked.
        fileprivate let events: Int
    }

    /// Which party session is shown; `nil` for the one that was entered last.
    let wanted: PartyID?
    /// Whose roster it is; `nil` where nobody knows, in a recording of somebody else's.
    let me: AccountID?
    private(set) var health = Health.connecting
    /// When the stream last brought anything at all.
    private(set) var lastByte: Timestamp?
    /// The latest, the oldest of them first.
    private(set) var happenings: [Happening] = []
    /// Whether the party session that is wanted has come to its end.
    private(set) var hasEnded = false
    private var state = PartyState()
    private var entries: [PartyID: Timestamp] = [:]
    /// The party sessions of which all is known, not only what changed.
    private var complete: Set<PartyID> = []
    private var eventCounts: [PartyID: Int] = [:]

    private static let memory = 10

    init(wanted: PartyID?, me: AccountID?) {
        self.wanted = wanted
        self.me = me
    }

    /// The party session to show, if there is one.
    var shown: PartySession? {
        if let wanted { return state.parties[wanted] }
        return state.parties.values.filter(isOurs).max { entry($0) < entry($1) }
    }

    private func isOurs(_ party: PartySession) -> Bool {
        me.map(party.hasMember) ?? true
    }

    private func entry(_ party: PartySession) -> (Int64, String) {
        (entries[party.id]?.milliseconds ?? .min, party.id.text)
    }

    /// Takes what the stream brought at that moment; nothing, where it was only a sign of life.
    mutating func take(_ events: [StreamEvent], at now: Timestamp) {
        if events.isEmpty { lastByte = now }
        for event in events {
            switch event.content {
            case .party(let party):
                take(party, event)
                if event.origin == .frame { lastByte = now }
            case .lifecycle(let lifecycle): take(lifecycle, event)
            case .duplicate, .unknownFrame: lastByte = now
            }
        }
    }

    private mutating func take(_ party: PartyEvent, _ event: StreamEvent) {
        let isAboutWanted = wanted == nil || wanted == party.partyID
        if event.origin != .snapshot, isAboutWanted { remember(event) }
        guard let id = party.partyID else { return }
        state.apply(party)
        eventCounts[id, default: 0] += 1
        switch party.kind {
        case .partyCreated where event.origin != .frame: complete.insert(id)
        case .partyDeleted:
            complete.remove(id)
            if id == wanted { hasEnded = true }
        case .memberJoined:
            let own = party.members.first { me == nil || $0.accountID == me }
            if let own { entries[id] = own.joinedAt ?? event.time }
        default: break
        }
    }

    private mutating func take(_ lifecycle: StreamLifecycle, _ event: StreamEvent) {
        switch lifecycle {
        case .connected, .tokenRenewed, .stopping: break
        case .ready:
            if case .lost = health { remember(event) }
            health = .connected
            lastByte = event.time
        case .lost(let reason, let wait), .retrying(let reason, let wait, _):
            health = .lost(reason: reason, retryAt: event.time.advanced(by: wait))
            // A loss with its tries is one thing that happened.
            if happenings.last?.words.type == lifecycle.type { happenings.removeLast() }
            remember(event)
        case .resynced(let rejoined):
            if !rejoined.isEmpty { remember(event) }
        case .frameInvalid:
            lastByte = event.time
            remember(event)
        }
    }

    private mutating func remember(_ event: StreamEvent) {
        guard let words = EventWords(event) else { return }
        remember(words, at: event.time)
    }

    private mutating func remember(_ words: EventWords, at time: Timestamp) {
        happenings = happenings.suffix(Self.memory - 1) + [Happening(time: time, words: words)]
    }
}

// MARK: - What the stream does not tell

extension RosterBoard {
    /// What to ask the service: of a party session that has just been entered the stream tells only changes, of one that
    /// we are not in nothing at all.
    var question: Question? {
        guard !hasEnded, let id = wanted ?? shown?.id else { return nil }
        let isTold = complete.contains(id) && isMember(of: id)
        return isTold ? nil : Question(party: id, events: eventCounts[id] ?? 0)
    }

    private func isMember(of id: PartyID) -> Bool {
        state.parties[id].map(isOurs) ?? false
    }

    /// Takes the service's answer; not one that may be older than what the stream has told meanwhile.
    /// - Parameter party: `nil` where the service shows none to us.
    mutating func take(_ party: PartySession?, for question: Question, at now: Timestamp) {
        let id = question.party
        guard eventCounts[id] ?? 0 == question.events else { return }
        // The service may need a moment before it shows what has just been entered.
        guard party != nil || !isMember(of: id) else { return }
        let isNews = complete.contains(id)
        for event in state.adopt(party, as: id, me: me) where isNews {
            remember(EventWords(event, .comparison), at: now)
        }
        if let party {
            complete.insert(id)
            if let own = party.members.first(where: { $0.accountID == me }) { entries[id] = own.joinedAt ?? now }
        } else if id == wanted {
            hasEnded = true
        }
    }
}
