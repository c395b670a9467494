/// The data type of a push frame, like `psn:sessionManager:sys:v2:ps:members:created`. An unknown data type
/// is kept (docs/protocol.md, 7.6).
public struct DataType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name on the wire.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }

    /// Whether it is a copy for accounts that are not members (docs/protocol.md, 7.6).
    package var isOutside: Bool { rawValue.hasPrefix(Self.family + "outside:") }

    private static let family = "psn:sessionManager:sys:"

    /// The name without family, audience and version: `ps:members:created`; `nil` for another family. The first version of
    /// the service said `pts` where the second says `ps`: both read as `ps`.
    package var subject: String? {
        guard rawValue.hasPrefix(Self.family) else { return nil }
        var rest = rawValue.dropFirst(Self.family.count)
        for prefix in ["outside:", "v2:"] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
        }
        return rest.hasPrefix("pts:") ? "ps:" + rest.dropFirst(4) : String(rest)
    }
}
