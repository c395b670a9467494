/// Somebody asks us into a party session (docs/protocol.md, 4.12).
public struct Invitation: Hashable, Sendable {
    /// Where we are asked to.
    public var partyID: PartyID
    /// The party's name; `nil` where not told.
    public var name: String?
    /// Who asks; `nil` where not told.
    public var from: Member?
    /// When, by the service; `nil` where not told.
    public var receivedAt: Timestamp?

    /// An invitation to a party session.
    public init(partyID: PartyID, name: String? = nil, from: Member? = nil, receivedAt: Timestamp? = nil) {
        self.partyID = partyID
        self.name = name
        self.from = from
        self.receivedAt = receivedAt
    }
}
