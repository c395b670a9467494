internal import FoundationEssentials

/// What an access token says about itself: a JWT, read but not verified, since only the service can (docs/protocol.md, 2.5).
package struct AccessToken: Sendable, Equatable {
    package let accountID: AccountID
    package let issuedAt: Timestamp?
    package let expiresAt: Timestamp?

    /// - Throws: `CodecError` where the text is no JWT or names no account.
    package init(_ token: Redacted<String>) throws(CodecError) {
        // It goes into a header as it is (RFC 6750, 2.1).
        guard token.reveal().utf8.allSatisfy(Self.isTokenByte) else {
            throw CodecError("the access token contains invalid characters", at: 0)
        }
        let parts = token.reveal().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let claims = Self.base64URLDecoded(parts[1]) else {
            throw CodecError("the access token is not a JWT", at: 0)
        }
        let json = try JSONDocument(claims).root
        guard let account = json["account_id"]?.unsigned else {
            throw CodecError("the access token names no account", at: 0)
        }
        accountID = AccountID(account)
        issuedAt = json["iat"]?.integer.flatMap(Timestamp.init(seconds:))
        expiresAt = json["exp"]?.integer.flatMap(Timestamp.init(seconds:))
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "-._~+/=".utf8.contains(byte)
    }

    private static func base64URLDecoded(_ text: Substring) -> [UInt8]? {
        var base64 = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        while base64.count % 4 != 0 { base64.append("=") }
        return Data(base64Encoded: String(base64)).map { Array($0) }
    }
}
