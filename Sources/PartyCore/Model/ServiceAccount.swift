/// An account at a server. Only processes with the same one share anything (docs/configuration.md).
package struct ServiceAccount: Sendable, Hashable {
    /// The server that issues its tokens.
    package let origin: ServiceOrigin
    package let accountID: AccountID

    package init(origin: ServiceOrigin, accountID: AccountID) {
        self.origin = origin
        self.accountID = accountID
    }

    /// The name of the folder for the files of this account: readable, and at most 255 bytes.
    package var folderName: String {
        let address = origin.description
        let server =
            origin.isSecure ? String(address.dropFirst("https://".count)) : "http-" + address.dropFirst("http://".count)
        let name = "\(accountID)@\(server)"
        guard name.utf8.count > Self.longestName else { return name }
        // FNV-1a: host names that are cut must not become the same name.
        let hash = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(name.prefix(Self.longestName)) + "-" + String(hash, radix: 16)
    }

    private static let longestName = 200
}
