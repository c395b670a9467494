/// Somebody one could invite, and whether it is a good moment (docs/protocol.md, 9).
public struct Friend: Hashable, Sendable {
    /// Whether somebody is there. Open: the service's own word is kept.
    public struct Availability: RawRepresentable, Hashable, Sendable {
        /// The service's word, like `availableToPlay`.
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Not there.
        public static let unavailable = Availability(rawValue: "unavailable")
    }

    /// Who it is.
    public var accountID: AccountID
    /// The name; `nil` where it was not told.
    public var onlineID: String?
    /// `nil` where the presence is not to be had.
    public var availability: Availability?
    /// Where they were last seen; `nil` where unknown.
    public var platform: Platform?

    /// Whether the service says that they are there.
    public var isOnline: Bool { availability.map { $0 != .unavailable } ?? false }
}

/// An account by its name, as the service spells it.
public struct User: Hashable, Sendable {
    /// Who it is.
    public var accountID: AccountID
    /// The name; `nil` where it was not told.
    public var onlineID: String?

    /// An account with its name, if known.
    public init(accountID: AccountID, onlineID: String? = nil) {
        self.accountID = accountID
        self.onlineID = onlineID
    }
}

/// How a user is named on the command line or in a script.
public enum UserReference: Hashable, Sendable {
    /// The account that is signed in.
    case me
    /// An account by its number.
    case account(AccountID)
    /// Matched exactly but for case, never guessed.
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
