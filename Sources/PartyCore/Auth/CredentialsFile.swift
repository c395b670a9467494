/// Credentials as the bytes of the profile's token file.
package enum CredentialsFile {
    private static let version: Int64 = 1

    package static func encode(_ credentials: Credentials) -> [UInt8] {
        JSONWriter.text { json in
            json.object { json in
                json.field("version", version)
                json.field("origin", credentials.origin?.description)
                json.field("accountId", credentials.accountID)
                json.field("onlineId", credentials.onlineID)
                json.field("accessToken", credentials.accessToken.reveal())
                json.field("refreshToken", credentials.refreshToken?.reveal())
                json.field("issuedAt", credentials.issuedAt.milliseconds)
                json.field("expiresAt", credentials.expiresAt.milliseconds)
                json.field("refreshExpiresAt", credentials.refreshExpiresAt?.milliseconds)
                if credentials.isRefreshUnanswered { json.field("refreshUnanswered", true) }
            }
        } + [0x0A]
    }

    package static func decode(_ bytes: [UInt8]) throws(CodecError) -> Credentials {
        let json = try JSONDocument(bytes).root
        guard json["version"]?.integer == version else {
            throw CodecError("its version is not \(version)", at: 0)
        }
        guard let account = json["accountId"]?.unsigned, let accessToken = json["accessToken"]?.string,
            let issuedAt = json["issuedAt"]?.integer, let expiresAt = json["expiresAt"]?.integer
        else { throw CodecError("a field is missing", at: 0) }
        var credentials = Credentials(
            origin: try origin(json["origin"]), accessToken: Redacted(accessToken),
            refreshToken: (json["refreshToken"]?.text).map { Redacted($0) },
            issuedAt: Timestamp(milliseconds: issuedAt), expiresAt: Timestamp(milliseconds: expiresAt),
            refreshExpiresAt: json["refreshExpiresAt"]?.integer.map(Timestamp.init(milliseconds:)),
            accountID: AccountID(account), onlineID: json["onlineId"]?.text)
        credentials.isRefreshUnanswered = json["refreshUnanswered"]?.bool == true
        return credentials
    }

    /// An unreadable origin is an error: without one the tokens would go to the real service.
    private static func origin(_ json: JSONView?) throws(CodecError) -> ServiceOrigin? {
        guard let json, !json.isNull else { return nil }
        guard let origin = json.string.flatMap({ ServiceOrigin($0) }) else {
            throw CodecError("its origin is invalid", at: 0)
        }
        return origin
    }
}
