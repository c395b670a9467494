/// What the stream brings, in the order in which it is to be taken.
package enum StreamDelivery: Sendable, Equatable {
    /// Whole messages of one turn of the socket.
    case frames([[UInt8]])
    /// What happened to the stream itself.
    case lifecycle(StreamLifecycle)
    /// What the service says of the parties at this point.
    case snapshot(StreamSnapshot)
}

/// Party sessions as the service tells them at one moment.
package struct StreamSnapshot: Sendable, Equatable {
    /// Each party session that was asked for, in order of asking.
    package var parties: [Entry] = []
    /// Whether there are no others that we are in.
    package var isWhole = false
    /// Whose party sessions these are, where told.
    package var account: AccountID?
    /// The pending invitations to that account; `nil` where they could not be had.
    package var invitations: [PendingInvitations.Entry]?

    /// One answer.
    package struct Entry: Sendable, Equatable {
        package let id: PartyID
        /// `nil` where the service shows none of that id to us.
        package let party: PartySession?

        package init(id: PartyID, party: PartySession?) {
            self.id = id
            self.party = party
        }
    }

    package init(
        _ parties: [Entry] = [], isWhole: Bool = false, account: AccountID? = nil,
        invitations: [PendingInvitations.Entry]? = nil
    ) {
        self.parties = parties
        self.isWhole = isWhole
        self.account = account
        self.invitations = invitations
    }
}
