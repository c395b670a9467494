/// What the stream brings, in order.
package enum StreamDelivery: Sendable, Equatable {
    /// Whole messages of one turn of the socket.
    case frames([[UInt8]])
    /// What happened to the stream itself.
    case lifecycle(StreamLifecycle)
    /// The service's state of the parties at this point.
    case snapshot(StreamSnapshot)
}

/// The party sessions of the account at one moment, from the service.
package struct StreamSnapshot: Sendable, Equatable {
    /// Each party session that was asked for, in order of asking.
    package var parties: [Entry] = []
    /// Whether there are no others that we are in.
    package var isWhole = false
    /// The account that these party sessions belong to, if known.
    package var account: AccountID?
    /// The pending invitations to that account; `nil` if they could not be read.
    package var invitations: [PendingInvitations.Entry]?

    /// One answer.
    package struct Entry: Sendable, Equatable {
        package let id: PartyID
        /// `nil` if the service shows no party session of that id.
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
