/// Who can see a party session. Unknown words of the service are kept (docs/protocol.md, 4.0).
public struct Visibility: RawRepresentable, Hashable, Sendable {
    /// The service's word, like `INVITE_ONLY`.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Only invited accounts see it.
    public static let inviteOnly = Visibility(rawValue: "INVITE_ONLY")
    /// Friends of members see it (*guessed*: docs/protocol.md, 4.0).
    public static let friends = Visibility(rawValue: "FRIENDS_ONLY")

    /// The word on the command line: `invite-only`, `friends`, or the service's word in lower-kebab case.
    package var word: String {
        self == .friends ? "friends" : lowerKebab(rawValue)
    }
}

/// Who can join a party session without an invitation. Unknown words of the service are kept.
public struct JoinableUserType: RawRepresentable, Hashable, Sendable {
    /// The service's word.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Only invited accounts may join.
    public static let inviteOnly = JoinableUserType(rawValue: "INVITE_ONLY")
    /// Friends of members may join (*guessed*: docs/protocol.md, 4.0).
    public static let friends = JoinableUserType(rawValue: "FRIENDS")

    /// The word on the command line: the service's word in lower-kebab case.
    package var word: String { lowerKebab(rawValue) }
}

private func lowerKebab(_ word: String) -> String {
    String(word.lowercased().map { $0 == "_" ? "-" : $0 })
}
