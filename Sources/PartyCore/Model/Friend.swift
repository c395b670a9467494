/// A friend of the account, with the presence (docs/protocol.md, 9).
public struct Friend: Hashable, Sendable {
    /// The availability in the service's word. Unknown words are kept.
    public struct Availability: RawRepresentable, Hashable, Sendable {
        /// The service's word, like `availableToPlay`.
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Offline.
        public static let unavailable = Availability(rawValue: "unavailable")
    }

    /// The account.
    public var accountID: AccountID
    /// The online id; `nil` if the service did not name it.
    public var onlineID: String?
    /// The availability; `nil` if the service did not tell the presence.
    public var availability: Availability?
    /// The platform that the friend used last; `nil` if unknown.
    public var platform: Platform?

    /// Whether the service says that the friend is online.
    public var isOnline: Bool { availability.map { $0 != .unavailable } ?? false }
}

/// An account with its online id, as the service spells it.
public struct User: Hashable, Sendable {
    /// The account.
    public var accountID: AccountID
    /// The online id; `nil` if unknown.
    public var onlineID: String?

    /// An account with its online id, if known.
    public init(accountID: AccountID, onlineID: String? = nil) {
        self.accountID = accountID
        self.onlineID = onlineID
    }
}

/// A user: the signed-in account, or an account by number or online id.
public enum UserReference: Hashable, Sendable {
    /// The account that is signed in.
    case me
    /// An account by its number.
    case account(AccountID)
    /// An account by its online id, compared exactly except for case.
    case onlineID(String)

    /// Whether the member is that user.
    package func matches(_ member: Member, me: AccountID) -> Bool {
        switch self {
        case .me: member.accountID == me
        case .account(let account): member.accountID == account
        case .onlineID(let name): member.onlineID?.lowercased() == name.lowercased()
        }
    }
}
