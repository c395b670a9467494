import PartyCore
internal import Synchronization

/// What the stream has told of our leaving a party session: it does so beside the answer to the request, before or after.
final class Departure: Sendable {
    private struct Told {
        var parties = PartyState()
        /// Those of which all members are known: told from their making on, or whole by a snapshot.
        var whole: Set<PartyID> = []
        var ended: Set<PartyID> = []
        var awaited: (party: PartyID, me: AccountID, milestone: OneShotEvent)?
        /// Who joined which party session since the stream began, the latest last.
        var joined: [(party: PartyID, account: AccountID)] = []

        private static let joinedLimit = 64

        /// Whether nothing more is to come: where we were the last, the party's end does.
        var isComplete: Bool {
            guard let (id, me, _) = awaited, !ended.contains(id) else { return true }
            guard let rest = parties.parties[id], !rest.hasMember(me) else { return false }
            return !rest.members.isEmpty || !whole.contains(id)
        }

        mutating func take(_ event: PartyEvent, _ origin: StreamEvent.Origin) {
            parties.apply(event)
            guard let id = event.partyID else { return }
            if event.kind == .memberJoined, origin == .frame {
                joined = (joined + event.members.map { (id, $0.accountID) }).suffix(Self.joinedLimit)
            }
            switch event.kind {
            case .partyCreated: whole.insert(id)
            case .partyDeleted: ended.insert(id)
            default: break
            }
        }

        func announce() { if isComplete { awaited?.milestone.set() } }
    }

    private let told = Mutex(Told())

    func take(_ events: [StreamEvent]) {
        told.withLock { told in
            for event in events {
                if case .party(let party) = event.content { told.take(party, event.origin) }
            }
            told.announce()
        }
    }

    /// The party session that this account has joined since the stream began and is in, as the stream tells it: the answer to
    /// the request may not have come.
    func partyEntered(by me: AccountID) -> PartyID? {
        told.withLock { told in
            told.joined.last { entry in
                entry.account == me && told.parties.parties[entry.party]?.hasMember(me) == true
            }?.party
        }
    }

    /// Waits until the stream has told that this account is out, or the task is cancelled.
    func isTold(of party: PartyID, for me: AccountID) async {
        let milestone = OneShotEvent()
        told.withLock { told in
            told.awaited = (party, me, milestone)
            told.announce()
        }
        await milestone.wait()
    }
}
