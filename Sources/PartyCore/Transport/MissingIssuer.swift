/// The issuer of a certificate in the server's chain that the server did not send and this machine does not know
/// (docs/protocol.md, 7.1).
public struct MissingIssuer: Sendable, Equatable {
    /// The issuer's distinguished name, for people: control characters are escaped, and it is at most 200 characters.
    public let name: String
    /// Where that certificate says its issuer's own certificate lies ("CA Issuers", RFC 5280, section 4.2.2): `http` and
    /// `https` only, at most two.
    public let addresses: [String]
    /// The same for each certificate of that issuer: the SHA-256 of the name as it is encoded, in hexadecimal.
    public let key: String
    /// Whether the server that left it out is this machine: only such a one may send us to machines of this network.
    public let isOfThisMachine: Bool

    /// An issuer that the server left out.
    public init(name: String, addresses: [String], key: String, isOfThisMachine: Bool = false) {
        self.name = name
        self.addresses = addresses
        self.key = key
        self.isOfThisMachine = isOfThisMachine
    }
}
