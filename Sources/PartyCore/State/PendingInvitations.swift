/// The known invitations to this account that are neither accepted nor withdrawn.
package struct PendingInvitations: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var invitation: Invitation
        /// Whether it was in the service's list. The list was seen empty although there were invitations, so an
        /// invitation that was never in the list is not removed because it is missing there.
        package var isListed: Bool

        package init(_ invitation: Invitation, isListed: Bool) {
            self.invitation = invitation
            self.isListed = isListed
        }
    }

    /// In order of arrival.
    package private(set) var entries: [Entry] = []

    /// The greatest number of entries; beyond it the oldest are dropped.
    private static let limit = 256

    package init() {}

    /// Adds an invitation, or adds new values to a known one.
    package mutating func receive(_ invitation: Invitation, isListed: Bool = false) {
        guard let index = entries.firstIndex(where: { $0.invitation.isSame(as: invitation) }) else {
            entries.append(Entry(invitation, isListed: isListed))
            if entries.count > Self.limit { entries.removeFirst() }
            return
        }
        entries[index].invitation = entries[index].invitation.merging(invitation)
        entries[index].isListed = entries[index].isListed || isListed
    }

    /// Removes the invitations to a party that has ended or withdrew an invitation.
    package mutating func remove(to party: PartyID) {
        entries.removeAll { $0.invitation.partyID == party }
    }

    /// Replaces the entries by the service's.
    /// - Returns: the invitations that are new or have a new inviter, and those that are gone.
    package mutating func adopt(_ pending: [Entry]) -> (received: [Invitation], removed: [Invitation]) {
        let known = entries
        entries = []
        var received: [Invitation] = []
        for entry in pending.suffix(Self.limit) {
            let earlier = known.first { $0.invitation.isSame(as: entry.invitation) }?.invitation
            let invitation = earlier?.merging(entry.invitation) ?? entry.invitation
            receive(invitation, isListed: entry.isListed)
            // The inviter may be new information about a known invitation.
            if earlier?.from == nil, earlier == nil || invitation.from != nil { received.append(invitation) }
        }
        let removed = known.map(\.invitation).filter { gone in !entries.contains { $0.invitation.isSame(as: gone) } }
        return (received, removed)
    }
}

extension Invitation {
    /// Whether both are to the same party and, if both name an inviter, from the same user.
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
    /// The invitation of the event.
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
