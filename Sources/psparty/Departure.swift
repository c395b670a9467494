import PartyCore
internal import Synchronization

/// Follows joins and departures on the stream. The event for our own departure may come before or after the response to
/// the request.
final class Departure: Sendable {
    private struct State {
        var parties = PartyState()
        /// Parties whose full member list is known, from their creation or a snapshot.
        var complete: Set<PartyID> = []
        var ended: Set<PartyID> = []
        var awaited: (party: PartyID, me: AccountID, milestone: OneShotEvent)?
        /// Joins since the stream began, the latest last.
        var joined: [(party: PartyID, account: AccountID)] = []

        private static let joinedLimit = 64

        /// Whether all expected events have come. After the last member leaves, the end of the party is expected too.
        var isComplete: Bool {
            guard let (id, me, _) = awaited, !ended.contains(id) else { return true }
            guard let rest = parties.parties[id], !rest.hasMember(me) else { return false }
            return !rest.members.isEmpty || !complete.contains(id)
        }

        mutating func take(_ event: PartyEvent, _ origin: StreamEvent.Origin) {
            parties.apply(event)
            guard let id = event.partyID else { return }
            if event.kind == .memberJoined, origin == .frame {
                joined = (joined + event.members.map { (id, $0.accountID) }).suffix(Self.joinedLimit)
            }
            switch event.kind {
            case .partyCreated: complete.insert(id)
            case .partyDeleted: ended.insert(id)
            default: break
            }
        }

        func signalIfComplete() { if isComplete { awaited?.milestone.set() } }
    }

    private let state = Mutex(State())

    func take(_ events: [StreamEvent]) {
        state.withLock { state in
            for event in events {
                if case .party(let party) = event.content { state.take(party, event.origin) }
            }
            state.signalIfComplete()
        }
    }

    /// The party that this account has joined since the stream began and is still in. Used when the response to the join
    /// request is missing.
    func partyEntered(by me: AccountID) -> PartyID? {
        state.withLock { state in
            state.joined.last { entry in
                entry.account == me && state.parties.parties[entry.party]?.hasMember(me) == true
            }?.party
        }
    }

    /// Waits until the stream reports that this account has left the party, or until the task is cancelled.
    func waitUntilLeft(_ party: PartyID, by me: AccountID) async {
        let milestone = OneShotEvent()
        state.withLock { state in
            state.awaited = (party, me, milestone)
            state.signalIfComplete()
        }
        await milestone.wait()
    }
}
