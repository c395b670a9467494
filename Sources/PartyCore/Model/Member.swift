/// A member of a party session. An account may be a member twice, with two devices, so a member is identified by
/// account and platform together (docs/protocol.md, 4.1). Everything but the account may be missing on the wire.
public struct Member: Hashable, Sendable {
    /// The identity of a member: the account and its device.
    public struct Key: Hashable, Sendable {
        /// The account.
        public let accountID: AccountID
        /// The device; `nil` if a frame omits it.
        public let platform: Platform?
    }

    /// The account.
    public var accountID: AccountID
    /// The online id; `nil` if unknown.
    public var onlineID: String?
    /// The device; `nil` if unknown.
    public var platform: Platform?
    /// The order of joining, 1 for the first member; `nil` if unknown.
    public var joinOrder: Int64?
    /// When the member joined, by the service; `nil` if unknown.
    public var joinedAt: Timestamp?
    /// Whether the member's voice chat is on; `nil` if unknown.
    public var voice: Bool?

    /// A member. `nil` means unknown.
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

    /// The identity of the member.
    public var key: Key { Key(accountID: accountID, platform: platform) }

    /// The values of `newer`, and those of this member that `newer` lacks.
    package func merging(_ newer: Member) -> Member {
        Member(
            accountID: newer.accountID, onlineID: newer.onlineID ?? onlineID, platform: newer.platform ?? platform,
            joinOrder: newer.joinOrder ?? joinOrder, joinedAt: newer.joinedAt ?? joinedAt, voice: newer.voice ?? voice)
    }
}
