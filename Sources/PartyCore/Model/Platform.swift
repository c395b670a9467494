/// The kind of device of a member. Unknown words of the service are kept.
public struct Platform: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The service's word.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The mobile app, and every client that signs in like it, such as psparty.
    public static let mobileApp = Platform(rawValue: "MOBILE_APP")
    /// A PlayStation 5.
    public static let ps5 = Platform(rawValue: "PS5")
    /// A PlayStation 4.
    public static let ps4 = Platform(rawValue: "PS4")

    public var description: String { rawValue }
}
