/// One HTTP header of a request. Its value may be a secret, which then never prints.
public struct HeaderField: Sendable, Equatable {
    /// A text, or a secret that never prints.
    public enum Value: Sendable, Equatable {
        /// A value that may be shown.
        case plain(String)
        /// A value that is never shown.
        case secret(Redacted<String>)
    }

    /// As it goes to the wire.
    public let name: String
    /// What it says.
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

    /// The value as the wire needs it, secrets included. For transports only.
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
