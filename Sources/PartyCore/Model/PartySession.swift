/// A party session as far as it is known: the service leaves out what it likes, and so every setting is optional
/// (docs/protocol.md, 4.1).
public struct PartySession: Hashable, Sendable {
    /// The only thing that every answer has.
    public var id: PartyID
    /// Chosen by a member: any text at all, so print it with care.
    public var name: String?
    /// Who sees it.
    public var visibility: Visibility?
    /// Who may join unasked.
    public var joinableBy: JoinableUserType?
    /// 2 to 16 in what we write; anything in what we read.
    public var maxMembers: Int64?
    /// Whether we could join without being asked, where the service said so.
    public var joinable: Bool?
    /// When it began, by the service.
    public var createdAt: Timestamp?
    /// Who owns it at present.
    public var owner: Member?
    /// Who is in it, as far as was told.
    public var members: [Member]

    /// A party session. `nil` means: not told.
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

    /// Whether the account is in the party session, with whichever device.
    public func hasMember(_ account: AccountID) -> Bool {
        members.contains { $0.accountID == account }
    }
}
