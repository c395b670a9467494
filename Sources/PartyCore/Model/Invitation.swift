/// Somebody asks us into a party session (docs/protocol.md, 4.12).
public struct Invitation: Hashable, Sendable {
    public var partyID: PartyID
    public var name: String?
    public var from: Member?
    public var receivedAt: Timestamp?

    public init(partyID: PartyID, name: String? = nil, from: Member? = nil, receivedAt: Timestamp? = nil) {
        self.partyID = partyID
        self.name = name
        self.from = from
        self.receivedAt = receivedAt
    }
}
