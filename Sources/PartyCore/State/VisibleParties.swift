/// The party sessions that an account can see and is not in: finds which appear and disappear between two lists of the service.
package struct VisibleParties: Sendable {
    /// The reported party sessions that are still visible.
    private var reported: [PartyID: PartySession] = [:]
    /// Visible ones that need no report.
    private var known: Set<PartyID> = []
    /// Those that events of the stream are about: their readers know of them.
    private var told = RecentParties(limit: 256)

    package init() {}

    /// Takes an event of the stream.
    package mutating func take(_ event: PartyEvent) {
        guard let id = event.partyID else { return }
        told.insert(id)
        // The reader knows of its end.
        if event.kind == .partyDeleted { reported[id] = nil }
    }

    /// Compares with a new list.
    /// - Parameter isComplete: whether the service lists all party sessions; else one that is missing may still be visible.
    /// - Returns: an event for each party session that appeared or disappeared.
    package mutating func compare(with list: [PartySession], isComplete: Bool, me: AccountID) -> [PartyEvent] {
        var events: [PartyEvent] = []
        let listed = Set(list.map(\.id))
        if isComplete {
            known.formIntersection(listed)
            let gone = reported.values.filter { !listed.contains($0.id) }.sorted { $0.id.text < $1.id.text }
            for party in gone {
                reported[party.id] = nil
                events.append(PartyEvent(kind: .partyHidden, partyID: party.id, from: party.owner))
            }
        }
        for party in list {
            if reported[party.id] != nil {
                reported[party.id] = party
            } else if !known.contains(party.id) {
                guard !party.hasMember(me), !told.contains(party.id) else {
                    known.insert(party.id)
                    continue
                }
                reported[party.id] = party
                events.append(party.appearance)
            }
        }
        return events
    }
}

extension PartySession {
    fileprivate var appearance: PartyEvent {
        var changes = changedSettings(from: nil)
        if let owner { changes.append(.owner(owner)) }
        return PartyEvent(kind: .partyVisible, partyID: id, from: owner, members: members, changes: changes)
    }
}
