/// An invented account of the simulated service.
public struct SimulatedAccount: Sendable, Equatable {
    public var accountId: String
    public var onlineId: String
    /// The platform of this account's tokens: MOBILE_APP, PS5 or PS4.
    public var platform: String
    /// The cookie that signs this account in, 64 characters.
    public var npsso: String

    public static let limit = 20

    static func invented(_ count: Int, platforms: [String]) -> [SimulatedAccount] {
        (0..<min(max(count, 1), limit)).map { index in
            SimulatedAccount(
                accountId: String(1_000_000_000_000_000_001 + index),
                onlineId: "psparty-user-\(letter(index).lowercased())",
                platform: index < platforms.count ? platforms[index] : "MOBILE_APP",
                npsso: Random.alphanumeric(64))
        }
    }

    /// `A` for the first account, `B` for the second: its short name in scenarios and variables.
    public static func letter(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index)))
    }
}
