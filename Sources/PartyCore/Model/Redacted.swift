/// A secret: a token, a cookie, a bridge token. It prints as `<redacted>` wherever text is made of it, so that a log line
/// or an error message cannot leak it by accident.
public struct Redacted<Value: Sendable>: Sendable {
    private let value: Value

    /// Wraps a secret.
    public init(_ value: Value) {
        self.value = value
    }

    /// The secret itself: the only way out. Call it where the secret goes to the wire or to its file, nowhere else.
    public func reveal() -> Value {
        value
    }
}

extension Redacted: Equatable where Value: Equatable {}
extension Redacted: Hashable where Value: Hashable {}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
