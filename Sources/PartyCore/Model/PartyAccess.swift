/// Who can see a party session. Open: the service's own word is kept (docs/protocol.md, 4.0).
public struct Visibility: RawRepresentable, Hashable, Sendable {
    /// The service's word, like `INVITE_ONLY`.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Only who is invited sees it.
    public static let inviteOnly = Visibility(rawValue: "INVITE_ONLY")
    /// Friends of members see it (*guessed*: docs/protocol.md, 4.0).
    public static let friends = Visibility(rawValue: "FRIENDS_ONLY")

    /// Our word for it: `invite-only`, `friends`, or the service's own word in lower-kebab case.
    package var word: String {
        self == .friends ? "friends" : lowerKebab(rawValue)
    }
}

/// Who can join a party session without being asked. Open, like `Visibility`.
public struct JoinableUserType: RawRepresentable, Hashable, Sendable {
    /// The service's word.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Only who is invited may join.
    public static let inviteOnly = JoinableUserType(rawValue: "INVITE_ONLY")
    /// Friends of members may join (*guessed*: docs/protocol.md, 4.0).
    public static let friends = JoinableUserType(rawValue: "FRIENDS")

    /// Our word for it: the service's own in lower-kebab case.
    package var word: String { lowerKebab(rawValue) }
}

private func lowerKebab(_ word: String) -> String {
    String(word.lowercased().map { $0 == "_" ? "-" : $0 })
}
