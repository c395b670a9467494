/// The invitations to us that are neither accepted nor withdrawn, as told so far.
package struct PendingInvitations: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var invitation: Invitation
        /// Whether the service's list has shown it. The list was seen empty while there were invitations, so what it never
        /// showed is not gone because it does not show it.
        package var isListed: Bool

        package init(_ invitation: Invitation, isListed: Bool) {
            self.invitation = invitation
            self.isListed = isListed
        }
    }

    /// The latest last.
    package private(set) var entries: [Entry] = []

    /// So many are kept; of more the oldest are forgotten.
    private static let limit = 256

    package init() {}

    /// Puts an invitation in, or what is new about one that is there.
    package mutating func receive(_ invitation: Invitation, isListed: Bool = false) {
        guard let index = entries.firstIndex(where: { $0.invitation.isSame(as: invitation) }) else {
            entries.append(Entry(invitation, isListed: isListed))
            if entries.count > Self.limit { entries.removeFirst() }
            return
        }
        entries[index].invitation = entries[index].invitation.merging(invitation)
        entries[index].isListed = entries[index].isListed || isListed
    }

    /// Takes those to that party out: it has ended, or an invitation to it was withdrawn.
    package mutating func remove(to party: PartyID) {
        entries.removeAll { $0.invitation.partyID == party }
    }

    /// Takes what the service told for the truth.
    /// - Returns: those that were not known, or not with their inviter, and those that are gone.
    package mutating func adopt(_ pending: [Entry]) -> (received: [Invitation], removed: [Invitation]) {
        let known = entries
        entries = []
        var received: [Invitation] = []
        for entry in pending.suffix(Self.limit) {
            let earlier = known.first { $0.invitation.isSame(as: entry.invitation) }?.invitation
            let invitation = earlier?.merging(entry.invitation) ?? entry.invitation
            receive(invitation, isListed: entry.isListed)
            // Who invites may be news of one that is known.
            if earlier?.from == nil, earlier == nil || invitation.from != nil { received.append(invitation) }
        }
        let removed = known.map(\.invitation).filter { gone in !entries.contains { $0.invitation.isSame(as: gone) } }
        return (received, removed)
    }
}

extension Invitation {
    /// Whether both are of the same user to the same party, as far as that is told.
    package func isSame(as other: Invitation) -> Bool {
        guard partyID == other.partyID else { return false }
        guard let mine = from?.accountID, let theirs = other.from?.accountID else { return true }
        return mine == theirs
    }

    fileprivate func merging(_ newer: Invitation) -> Invitation {
        Invitation(
            partyID: partyID, name: newer.name ?? name,
            from: newer.from.map { told in from?.merging(told) ?? told } ?? from,
            receivedAt: newer.receivedAt ?? receivedAt)
    }
}

extension PartyEvent {
    /// The invitation that the event tells of.
    package var invitation: Invitation? {
        guard kind == .invitationReceived || kind == .invitationRemoved, let partyID else { return nil }
        var name: String?
        for case .name(let told) in changes { name = told }
        return Invitation(partyID: partyID, name: name, from: from)
    }

    package init(_ kind: Kind, _ invitation: Invitation) {
        self.init(
            kind: kind, partyID: invitation.partyID, from: invitation.from,
            changes: invitation.name.map { [.name($0)] } ?? [])
    }
}
