import PartyCore

/// The party that `show --follow` shows, from the state of the stream and, where the stream does not tell, from look-ups.
struct FollowedParty: Sendable {
    /// What there is to show.
    enum Shown: Sendable, Equatable {
        /// The roster is not known yet: what was shown last stays.
        case unknown
        case noParty
        case party(PartySession)
    }

    private struct Answer: Sendable {
        let id: PartyID
        let party: PartySession?
        var isOld = false
    }

    /// The party to show; `nil` for the one that this account is in.
    let wanted: PartyID?
    let me: AccountID
    private var state = PartyState()
    private var incomplete: Set<PartyID> = []
    private var isKnown = false
    /// The last look-up, until an event of its party makes it stale.
    private var answer: Answer?
    /// The party that is being looked up, and whether an event of it came meanwhile.
    private var asked: (id: PartyID, isStale: Bool)?

    /// The pause between look-ups of a party whose roster is not complete yet.
    static let shortPause: Duration = .seconds(1)
    /// The same for a party that this account is not in (docs/protocol.md, 3.3).
    static let pause: Duration = .seconds(10)
    /// The same for a party that has ended or that the service does not show.
    static let longPause: Duration = .seconds(60)

    /// - Parameter party: the wanted party, which was just looked up.
    init(wanted party: PartySession?, me: AccountID) {
        wanted = party?.id
        self.me = me
        answer = party.map { Answer(id: $0.id, party: $0) }
    }

    mutating func take(_ view: StreamView) {
        state = view.state
        incomplete = view.incomplete
        isKnown = view.isKnown
        for event in view.events {
            guard case .party(let party) = event.content, let id = party.partyID else { continue }
            if answer?.id == id { answer = nil }
            if asked?.id == id { asked?.isStale = true }
        }
    }

    /// - Parameter current: the party that this profile created or joined last, which comes first if this account is in several.
    func shown(current: PartyID?) -> Shown {
        guard let id = wanted ?? own(current: current) else { return isKnown ? .noParty : .unknown }
        if let party = complete(id) { return .party(party) }
        guard let answer, answer.id == id else { return .unknown }
        return answer.party.map { .party($0) } ?? .noParty
    }

    /// Whether there may be a question: most of the time the stream tells all.
    var mayAsk: Bool { wanted != nil || !incomplete.isEmpty }

    /// The party to look up now; `nil` if the stream tells all, or the last look-up still holds.
    func question(current: PartyID?) -> PartyID? {
        guard let id = wanted ?? own(current: current), complete(id) == nil else { return nil }
        return answer?.id == id && answer?.isOld == false ? nil : id
    }

    /// How long a look-up of a party holds that this account is not in: the stream does not tell of its changes.
    var pause: Duration { answer.map { $0.party == nil } == true ? Self.longPause : Self.pause }

    /// The last look-up no longer holds.
    mutating func expire() {
        answer?.isOld = true
    }

    mutating func begin(_ question: PartyID) {
        asked = (question, false)
    }

    /// Takes the result of a look-up, unless an event made it stale.
    /// - Parameter party: `nil` if the service does not show the party.
    mutating func take(_ party: PartySession?, for question: PartyID) {
        defer { asked = nil }
        guard let asked, asked.id == question, !asked.isStale else { return }
        // The service may need a moment before it shows us in a party that we have just entered.
        guard state.parties[question] == nil || party?.hasMember(me) == true else { return }
        answer = Answer(id: question, party: party)
    }

    /// A party of this account whose roster the stream has told.
    private func complete(_ id: PartyID) -> PartySession? {
        guard let party = state.parties[id], party.hasMember(me), !incomplete.contains(id) else { return nil }
        return party
    }

    private func own(current: PartyID?) -> PartyID? {
        guard isKnown else { return nil }
        let own = state.parties.values.filter { $0.hasMember(me) }
        if let current, own.contains(where: { $0.id == current }) { return current }
        return own.max { entry($0) < entry($1) }?.id
    }

    private func entry(_ party: PartySession) -> (Int64, String) {
        let times = party.members.filter { $0.accountID == me }.compactMap { $0.joinedAt?.milliseconds }
        return (times.max() ?? .min, party.id.text)
    }
}
