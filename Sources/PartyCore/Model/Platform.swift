/// The kind of device a member is in the party with. Open: a word that is not known is kept as it came.
public struct Platform: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let mobileApp = Platform(rawValue: "MOBILE_APP")
    public static let ps5 = Platform(rawValue: "PS5")
    public static let ps4 = Platform(rawValue: "PS4")

    public var description: String { rawValue }
}
