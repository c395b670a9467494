/// The issuer of a certificate in the server's chain that the server did not send and this machine does not know
/// (docs/protocol.md, 7.1).
public struct MissingIssuer: Sendable, Equatable {
    /// The issuer's distinguished name, for people: control characters are escaped, and it is at most 200 characters.
    public let name: String
    /// The addresses of the issuer's certificate that the server's certificate names ("CA Issuers", RFC 5280, section 4.2.2): `http` and
    /// `https` only, at most two.
    public let addresses: [String]
    /// Identifies the issuer: the SHA-256 of its encoded name, in hexadecimal.
    public let key: String
    /// Whether the server is on this machine. Only then may the addresses be in this network.
    public let isOfThisMachine: Bool

    /// An issuer that the server left out.
    public init(name: String, addresses: [String], key: String, isOfThisMachine: Bool = false) {
        self.name = name
        self.addresses = addresses
        self.key = key
        self.isOfThisMachine = isOfThisMachine
    }
}
