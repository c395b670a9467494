import PartyCore

/// The data of a live roster: known parties, health of the stream, and recent events.
struct RosterModel: Sendable {
    /// The state of the push stream.
    enum Health: Sendable, Equatable {
        case connecting, connected
        case lost(since: Timestamp, reason: String, retryAt: Timestamp)
    }

    /// A line of the log.
    struct LogEntry: Sendable, Equatable {
        let time: Timestamp
        let sentence: EventSentence
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
    /// What happened, oldest first.
    private(set) var log: [LogEntry] = []
    /// The number of entries that were ever added to the log.
    private(set) var logged = 0
    /// Whether the wanted party has ended.
    private(set) var hasEnded = false
    private var wasReady = false
    /// Whether the log tells of a loss and not yet of its end.
    private var isLossLogged = false
    private var describer: EventDescriber
    private var entries: [PartyID: Timestamp] = [:]
    /// Parties whose full state is known, not only changes.
    private var complete: Set<PartyID> = []
    private var eventCounts: [PartyID: Int] = [:]

    private static let logLimit = 1000

    init(wanted: PartyID?, me: AccountID?, invocation: Invocation = Invocation(profile: nil, server: nil)) {
        self.wanted = wanted
        self.me = me
        describer = EventDescriber(me: me, invocation: invocation)
    }

    private var state: PartyState { describer.state }

    /// The party to show, if there is one.
    var shown: PartySession? {
        if let wanted { return state.parties[wanted] }
        return state.parties.values.filter(isOurs).max { entry($0) < entry($1) }
    }

    /// The invitations to parties that this account is not in, latest first.
    var invitations: [Invitation] {
        state.invitations.entries.map(\.invitation).reversed().filter { invitation in
            me.map { state.parties[invitation.partyID]?.hasMember($0) != true } ?? true
        }
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
        let sentence = describer.take(party, event.origin)
        let isAboutWanted = wanted == nil || wanted == party.partyID || party.invitation != nil
        if event.origin != .snapshot, isAboutWanted, sentence.weight == .news { add(sentence, at: event.time) }
        guard let id = party.partyID else { return }
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
            if isLossLogged { add(EventSentence("the connection is back", .good), at: event.time) }
            isLossLogged = false
            wasReady = true
            health = .connected
            lastByte = event.time
        case .lost(let reason, let wait), .retrying(let reason, let wait, _):
            var since = event.time
            if case .lost(let begin, _, _) = health { since = begin }
            // That another process takes over is no news for people, unless it fails.
            if wasReady, !isLossLogged, !lifecycle.isTakeover {
                isLossLogged = true
                add(EventSentence("the connection was lost", .gone), at: event.time)
            }
            health = .lost(since: since, reason: reason, retryAt: event.time.advanced(by: wait))
        case .resynced(let rejoined):
            guard !rejoined.isEmpty else { break }
            add(EventSentence("you joined again, because the service had dropped you", .good), at: event.time)
        case .frameInvalid:
            lastByte = event.time
        }
    }

    private mutating func add(_ sentence: EventSentence, at time: Timestamp) {
        log = log.suffix(Self.logLimit - 1) + [LogEntry(time: time, sentence: sentence)]
        logged += 1
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
        for sentence in describer.adopt(party, as: id) where isNews && sentence.weight == .news {
            add(sentence, at: now)
        }
        if let party {
            complete.insert(id)
            if let own = party.members.first(where: { $0.accountID == me }) { entries[id] = own.joinedAt ?? now }
        } else if id == wanted {
            hasEnded = true
        }
    }
}
