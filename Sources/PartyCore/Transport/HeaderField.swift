/// An HTTP header. A secret value is never part of a description.
public struct HeaderField: Sendable, Equatable {
    /// The value: a text or a secret.
    public enum Value: Sendable, Equatable {
        /// A value that may be shown.
        case plain(String)
        /// A value that is never shown.
        case secret(Redacted<String>)
    }

    /// The name on the wire.
    public let name: String
    /// The value.
    public let value: Value

    /// A header whose value may be shown.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = .plain(value)
    }

    /// A header whose value is never shown, such as `Authorization`.
    public init(_ name: String, secret: Redacted<String>) {
        self.name = name
        self.value = .secret(secret)
    }

    /// The value for the wire, secret or not. For transports only.
    public func revealedValue() -> String {
        switch value {
        case .plain(let text): text
        case .secret(let secret): secret.reveal()
        }
    }
}

extension HeaderField: CustomStringConvertible {
    public var description: String {
        switch value {
        case .plain(let text): "\(name): \(text)"
        case .secret(let secret): "\(name): \(secret)"
        }
    }
}
