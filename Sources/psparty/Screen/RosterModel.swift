import PartyCore

/// The data of a live roster: known parties, health of the stream, and recent events.
struct RosterModel: Sendable {
    /// The state of the push stream.
    enum Health: Sendable, Equatable {
        case connecting, connected
        case lost(reason: String, retryAt: Timestamp)
    }

    /// An event with its text.
    struct RecentEvent: Sendable, Equatable {
        let time: Timestamp
        let words: EventWords
    }

    /// A request for the state of a party, which the stream does not deliver.
    struct Question: Sendable, Equatable {
        let party: PartyID
        /// The number of events of the party before the request, to detect a stale response.
        fileprivate let events: Int
    }

    /// The party to show; `nil` for the one that was entered last.
    let wanted: PartyID?
    /// The account of the user; `nil` if a recording does not name it.
    let me: AccountID?
    private(set) var health = Health.connecting
    /// When the stream last received a byte.
    private(set) var lastByte: Timestamp?
    /// Recent events, oldest first.
    private(set) var recentEvents: [RecentEvent] = []
    /// Whether the wanted party has ended.
    private(set) var hasEnded = false
    private var state = PartyState()
    private var entries: [PartyID: Timestamp] = [:]
    /// Parties whose full state is known, not only changes.
    private var complete: Set<PartyID> = []
    private var eventCounts: [PartyID: Int] = [:]

    private static let recentLimit = 10

    init(wanted: PartyID?, me: AccountID?) {
        self.wanted = wanted
        self.me = me
    }

    /// The party to show, if there is one.
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

    /// Takes events of the stream. An empty array means that bytes came without an event.
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
            // A loss and its retries are shown as one event.
            if recentEvents.last?.words.type == lifecycle.type { recentEvents.removeLast() }
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
        recentEvents = recentEvents.suffix(Self.recentLimit - 1) + [RecentEvent(time: time, words: words)]
    }
}

// MARK: - Requests for what the stream does not deliver

extension RosterModel {
    /// The request to send, if any. The stream delivers only changes of a party that was just entered, and nothing of a
    /// party that this account is not in.
    var question: Question? {
        guard !hasEnded, let id = wanted ?? shown?.id else { return nil }
        let isTold = complete.contains(id) && isMember(of: id)
        return isTold ? nil : Question(party: id, events: eventCounts[id] ?? 0)
    }

    private func isMember(of id: PartyID) -> Bool {
        state.parties[id].map(isOurs) ?? false
    }

    /// Takes the response of the service. A response is ignored if the stream delivered events in the meantime.
    /// - Parameter party: `nil` if the service does not show the party.
    mutating func take(_ party: PartySession?, for question: Question, at now: Timestamp) {
        let id = question.party
        guard eventCounts[id] ?? 0 == question.events else { return }
        // The service may need a moment before it shows a party that was just entered.
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
