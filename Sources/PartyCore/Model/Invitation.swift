/// An invitation of this account to a party session (docs/protocol.md, 4.12).
public struct Invitation: Hashable, Sendable {
    /// The party session.
    public var partyID: PartyID
    /// The party's name; `nil` if unknown.
    public var name: String?
    /// The member who invites; `nil` if unknown.
    public var from: Member?
    /// When the account was invited, by the service; `nil` if unknown.
    public var receivedAt: Timestamp?

    /// An invitation to a party session.
    public init(partyID: PartyID, name: String? = nil, from: Member? = nil, receivedAt: Timestamp? = nil) {
        self.partyID = partyID
        self.name = name
        self.from = from
        self.receivedAt = receivedAt
    }
}
