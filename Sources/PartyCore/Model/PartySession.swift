/// A party session. The service may omit any setting, so every setting is optional
/// (docs/protocol.md, 4.1).
public struct PartySession: Hashable, Sendable {
    /// The id, which every response has.
    public var id: PartyID
    /// The name that a member chose: any text, so escape it before you print it.
    public var name: String?
    /// Who can see the party session.
    public var visibility: Visibility?
    /// Who may join without an invitation.
    public var joinableBy: JoinableUserType?
    /// How many members there may be: 2 to 16 in requests, any number in responses.
    public var maxMembers: Int64?
    /// Whether this account could join without an invitation; `nil` if unknown.
    public var joinable: Bool?
    /// When it was created, by the service.
    public var createdAt: Timestamp?
    /// The present owner.
    public var owner: Member?
    /// The members, in the order of joining, as far as known.
    public var members: [Member]

    /// A party session. `nil` means unknown.
    public init(
        id: PartyID, name: String? = nil, visibility: Visibility? = nil, joinableBy: JoinableUserType? = nil,
        maxMembers: Int64? = nil, joinable: Bool? = nil, createdAt: Timestamp? = nil, owner: Member? = nil,
        members: [Member] = []
    ) {
        self.id = id
        self.name = name
        self.visibility = visibility
        self.joinableBy = joinableBy
        self.maxMembers = maxMembers
        self.joinable = joinable
        self.createdAt = createdAt
        self.owner = owner
        self.members = members
    }

    /// Whether the account is a member, with any device.
    public func hasMember(_ account: AccountID) -> Bool {
        members.contains { $0.accountID == account }
    }
}
