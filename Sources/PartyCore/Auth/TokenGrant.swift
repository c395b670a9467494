internal import FoundationEssentials

/// A request for tokens and what its answer grants (docs/protocol.md, 2.3). Pure: request out, answer in.
package enum TokenGrant: Sendable {
    /// The code of a sign-in, single use, and the correlation id it was asked with.
    case authorizationCode(Redacted<String>, correlationID: String)
    case refresh(Redacted<String>)

    private static let path = "/api/authz/v3/oauth/token"
    /// Of an access token, where the answer names none that makes sense.
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

    /// The credentials that a 200 answer grants.
    /// - Parameter previous: what a refresh replaces: kept where the answer leaves something out.
    /// - Parameter origin: the server that answered.
    package static func credentials(
        in body: [UInt8], now: Timestamp, from origin: ServiceOrigin?, previous: Credentials?
    ) throws(CodecError) -> Credentials {
        let json = try JSONDocument(body).root
        guard let token = json["access_token"]?.text else {
            throw CodecError("the answer holds no access token", at: 0)
        }
        let claims = try AccessToken(Redacted(token))
        // How long it lasts counts from our clock; the token's own times are the service's and may be off from it.
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

    /// Whether the answer says that the grant itself is dead, so that only a new sign-in helps.
    package static func isDead(_ response: RESTResponse) -> Bool {
        [200, 400].contains(response.status) && ServiceFault(response.body).oauthError == "invalid_grant"
    }
}
