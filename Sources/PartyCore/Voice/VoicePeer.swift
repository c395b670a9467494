/// The other end of a voice connection, as an engine names it.
public enum VoicePeer: Hashable, Sendable, CustomStringConvertible {
    /// The party's bridge, which receives the own voice (docs/protocol.md, 5).
    case bridge
    /// Another member's device (docs/protocol.md, 6).
    case member(Signal.Endpoint)

    /// Reads `bridge` or `ACCOUNT/PLATFORM`; `nil` for anything else.
    public init?(_ text: String) {
        guard text != "bridge" else {
            self = .bridge
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let account = AccountID(parts[0]), !parts[1].isEmpty else { return nil }
        self = .member(Signal.Endpoint(accountID: account, platform: Platform(rawValue: String(parts[1]))))
    }

    /// `bridge` or `ACCOUNT/PLATFORM`.
    public var description: String {
        switch self {
        case .bridge: "bridge"
        case .member(let endpoint): "\(endpoint.accountID)/\(endpoint.platform)"
        }
    }
}
