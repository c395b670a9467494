internal import FoundationEssentials

/// A request for tokens, and the credentials in its response (docs/protocol.md, 2.3). Pure.
package enum TokenGrant: Sendable {
    /// The code of a sign-in, for a single use, and the correlation id of its request.
    case authorizationCode(Redacted<String>, correlationID: String)
    case refresh(Redacted<String>)

    private static let path = "/api/authz/v3/oauth/token"
    /// The lifetime of an access token if the response has no valid one.
    private static let usualLifetime: Duration = .seconds(3599)

    package func request(hosts: ServiceHosts, client: OAuthClient) -> RESTRequest {
        let basic = Data("\(client.id):\(client.secret.reveal())".utf8).base64EncodedString()
        var headers = [HeaderField("Authorization", secret: Redacted("Basic \(basic)"))]
        let fields: [(name: String, value: String)]
        switch self {
        case .authorizationCode(let code, let correlationID):
            headers.append(HeaderField("X-Psn-Correlation-Id", correlationID))
            fields = [
                ("grant_type", "authorization_code"), ("code", code.reveal()), ("redirect_uri", client.redirectURI),
                ("token_format", "jwt"), ("cid", correlationID),
            ]
        case .refresh(let token):
            fields = [
                ("grant_type", "refresh_token"), ("refresh_token", token.reveal()), ("token_format", "jwt"),
                ("scope", client.scope),
            ]
        }
        var request = RESTRequest(
            .post, hosts.authorization + Self.path, headers: headers,
            body: RESTRequest.Body(
                Array(URLText.query(fields).utf8), contentType: "application/x-www-form-urlencoded", isSecret: true))
        request.step = step
        return request
    }

    private var step: String {
        switch self {
        case .authorizationCode: "sign-in, tokens"
        case .refresh: "sign-in, refresh"
        }
    }

    /// The credentials in a 200 response.
    /// - Parameter previous: the credentials that a refresh replaces; they fill omitted fields.
    /// - Parameter origin: the server of the response.
    package static func credentials(
        in body: [UInt8], now: Timestamp, from origin: ServiceOrigin?, previous: Credentials?
    ) throws(CodecError) -> Credentials {
        let json = try JSONDocument(body).root
        guard let token = json["access_token"]?.text else {
            throw CodecError("the answer contains no access token", at: 0)
        }
        let claims = try AccessToken(Redacted(token))
        // The lifetime counts from our clock. The token's own times are by the service's clock, which may differ.
        let lifetime = AnnouncedTime.accessLifetime.read(json["expires_in"]) ?? usualLifetime
        let refreshLifetime = AnnouncedTime.refreshLifetime.read(json["refresh_token_expires_in"])
        return Credentials(
            origin: origin, accessToken: Redacted(token),
            refreshToken: (json["refresh_token"]?.text).map { Redacted($0) } ?? previous?.refreshToken,
            issuedAt: now, expiresAt: now.advanced(by: lifetime),
            refreshExpiresAt: refreshLifetime.map { now.advanced(by: $0) } ?? previous?.refreshExpiresAt,
            accountID: claims.accountID,
            onlineID: previous?.accountID == claims.accountID ? previous?.onlineID : nil)
    }

    /// Whether the response says that the grant is revoked, so that only a new sign-in helps.
    package static func isDead(_ response: RESTResponse) -> Bool {
        [200, 400].contains(response.status) && ServiceFault(response.body).oauthError == "invalid_grant"
    }
}
