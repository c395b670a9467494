import PartyCore
internal import Synchronization

/// What the stream has told of our leaving a party session: it does so beside the answer to the request, before or after.
final class Departure: Sendable {
    private struct Told {
        var parties = PartyState()
        /// Those of which all members are known: told from their making on, or whole by a snapshot.
        var whole: Set<PartyID> = []
        var ended: Set<PartyID> = []
        var awaited: (party: PartyID, me: AccountID, milestone: Milestone)?

        /// Whether nothing more is to come: where we were the last, the party's end does.
        var isComplete: Bool {
            guard let (id, me, _) = awaited, !ended.contains(id) else { return true }
            guard let rest = parties.parties[id], !rest.hasMember(me) else { return false }
            return !rest.members.isEmpty || !whole.contains(id)
        }

        mutating func take(_ event: PartyEvent) {
            parties.apply(event)
            guard let id = event.partyID else { return }
            switch event.kind {
            case .partyCreated: whole.insert(id)
            case .partyDeleted: ended.insert(id)
            default: break
            }
        }

        func announce() { if isComplete { awaited?.milestone.reach() } }
    }

    private let told = Mutex(Told())

    func take(_ events: [StreamEvent]) {
        told.withLock { told in
            for event in events {
                if case .party(let party) = event.content { told.take(party) }
            }
            told.announce()
        }
    }

    /// Waits until the stream has told that this account is out, or the task is cancelled.
    func isTold(of party: PartyID, for me: AccountID) async {
        let milestone = Milestone()
        told.withLock { told in
            told.awaited = (party, me, milestone)
            told.announce()
        }
        await milestone.wait()
    }
}
