/// Somebody in a party session. The same account may be in it twice, with two devices, so a member is known by
/// account and platform together (docs/protocol.md, 4.1). Everything but the account may be missing on the wire.
public struct Member: Hashable, Sendable {
    /// What tells one member from another: the account with its device.
    public struct Key: Hashable, Sendable {
        /// Whose device it is.
        public let accountID: AccountID
        /// Which device; `nil` where a frame leaves it out.
        public let platform: Platform?
    }

    /// Who it is.
    public var accountID: AccountID
    /// The name at that time; `nil` where not told.
    public var onlineID: String?
    /// The device; `nil` where not told.
    public var platform: Platform?
    /// 1 for the first member of the party session, growing.
    public var joinOrder: Int64?
    /// When they joined, by the service.
    public var joinedAt: Timestamp?
    /// Whether the member's voice chat is on.
    public var voice: Bool?

    /// A member. `nil` means: not told.
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

    /// Who this is, apart from what is known of them.
    public var key: Key { Key(accountID: accountID, platform: platform) }

    /// What `newer` says, and what only we knew.
    package func merging(_ newer: Member) -> Member {
        Member(
            accountID: newer.accountID, onlineID: newer.onlineID ?? onlineID, platform: newer.platform ?? platform,
            joinOrder: newer.joinOrder ?? joinOrder, joinedAt: newer.joinedAt ?? joinedAt, voice: newer.voice ?? voice)
    }
}
