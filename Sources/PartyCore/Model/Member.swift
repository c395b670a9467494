/// Somebody in a party session. The same account may be in it twice, with two devices, so a member is known by
/// account and platform together (docs/protocol.md, 4.1). Everything but the account may be missing on the wire.
public struct Member: Hashable, Sendable {
    public struct Key: Hashable, Sendable {
        public let accountID: AccountID
        public let platform: Platform?
    }

    public var accountID: AccountID
    public var onlineID: String?
    public var platform: Platform?
    /// 1 for the first member of the party session, growing.
    public var joinOrder: Int64?
    public var joinedAt: Timestamp?
    /// Whether the member's voice chat is on.
    public var voice: Bool?

    public init(
        accountID: AccountID, onlineID: String? = nil, platform: Platform? = nil, joinOrder: Int64? = nil,
        joinedAt: Timestamp? = nil, voice: Bool? = nil
    ) {
        self.accountID = accountID
        self.onlineID = onlineID
        self.platform = platform
        self.joinOrder = joinOrder
        self.joinedAt = joinedAt
        self.voice = voice
    }

    public var key: Key { Key(accountID: accountID, platform: platform) }

    /// What `newer` says, and what only we knew.
    public func merging(_ newer: Member) -> Member {
        Member(
            accountID: newer.accountID, onlineID: newer.onlineID ?? onlineID, platform: newer.platform ?? platform,
            joinOrder: newer.joinOrder ?? joinOrder, joinedAt: newer.joinedAt ?? joinedAt, voice: newer.voice ?? voice)
    }
}
