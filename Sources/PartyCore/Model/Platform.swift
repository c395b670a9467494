/// The kind of device a member is in the party with. Open: a word that is not known is kept as it came.
public struct Platform: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The service's word.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The mobile app, and whoever signs in as it does: psparty too.
    public static let mobileApp = Platform(rawValue: "MOBILE_APP")
    /// A PlayStation 5.
    public static let ps5 = Platform(rawValue: "PS5")
    /// A PlayStation 4.
    public static let ps4 = Platform(rawValue: "PS4")

    public var description: String { rawValue }
}
