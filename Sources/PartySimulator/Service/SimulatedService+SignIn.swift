extension SimulatedService {
    static let scopes = ["psn:mobile.v2.core", "psn:clientapp"]

    static let signInRoutes: [Route] = [
        Route("GET", "/api/authz/v3/oauth/authorize", needsBearer: false) { (service, call) throws(Refusal) in
            service.authorize(call.request)
        },
        Route("POST", "/api/authz/v3/oauth/token", needsBearer: false) { (service, call) throws(Refusal) in
            try service.token(call.request)
        },
        Route("GET", "/api/v1/ssocookie", needsBearer: false) { (service, call) throws(Refusal) in
            guard let account = service.signedIn(call.request) else {
                // The status is a guess that fits the error; no source documents it.
                throw service.oauthError(401, "invalid_grant", "Invalid login", 20)
            }
            return SimulatedResponse(200, json: ["npsso": .string(account.npsso)])
        },
    ]

    /// The account whose npsso cookie the request carries.
    private func signedIn(_ request: SimulatedRequest) -> SimulatedAccount? {
        let cookies = request.header("Cookie")?.split(separator: ";") ?? []
        let values = cookies.map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("npsso=") }.map { $0.dropFirst(6) }
        return accounts.first { account in values.contains { $0 == account.npsso } }
    }

    /// The response is always a redirect: to the client with a code, or to the sign-in page with an error.
    private func authorize(_ request: SimulatedRequest) -> SimulatedResponse {
        guard let redirect = request.query("redirect_uri"), redirect == redirectURI,
            request.query("client_id") == clientId
        else { return signInPage(request, "invalid_client", 4102, "Client is unknown") }
        guard request.query("response_type") == "code" else {
            return signInPage(request, "unsupported_response_type", 4158, "Response type is unknown")
        }
        let scope = request.query("scope")?.split(separator: " ").map(String.init) ?? []
        guard !scope.isEmpty, Set(scope).isSubset(of: Self.scopes) else {
            return signInPage(request, "invalid_scope", 4159, "Scope is not allowed")
        }
        guard let account = signedIn(request) else {
            return signInPage(request, "login_required", 4165, "User is not authenticated")
        }
        let grant = TokenStore.Grant(
            accountId: account.accountId, platform: account.platform, duid: request.query("duid") ?? "",
            scope: scope.joined(separator: " "), refreshDeadline: now() + Int64(scenario.refreshTokenLife) * 1000)
        let code = tokenStore.issueCode(
            grant, redirect: redirect, isOffline: request.query("access_type") == "offline", now: now())
        var location = "\(redirect)/?code=\(code)"
        for name in ["cid", "state"] {
            if let value = request.query(name) { location += "&\(name)=\(Percent.encode(value))" }
        }
        return SimulatedResponse(status: 302, headers: [("Location", location)])
    }

    private func signInPage(
        _ request: SimulatedRequest, _ error: String, _ code: Int, _ text: String
    ) -> SimulatedResponse {
        let echoed = request.query.map { "\(Percent.encode($0.name))=\(Percent.encode($0.value))&" }.joined()
        let description = text.split(separator: " ").joined(separator: "+")
        let location =
            "https://my.account.sony.com/sonyacct/signin/?\(echoed)auth_ver=v3&error=\(error)&error_code=\(code)"
            + "&error_description=\(description)"
        return SimulatedResponse(status: 302, headers: [("Location", location)])
    }

    func oauthError(_ status: Int, _ error: String, _ text: String, _ code: Int64) -> Refusal {
        let body: JSONValue = [
            "error": .string(error), "error_description": .string(text), "error_code": .integer(code),
            "docs": "https://auth.api.sonyentertainmentnetwork.com/docs/", "parameters": [],
        ]
        return Refusal(SimulatedResponse(status, json: body))
    }

    private func token(_ request: SimulatedRequest) throws(Refusal) -> SimulatedResponse {
        let basic = "Basic " + Base64.encode("\(clientId):\(clientSecret)".utf8)
        guard request.header("Authorization") == basic else {
            throw oauthError(401, "invalid_client", "Bad client credentials", 4)
        }
        let type = request.header("Content-Type")?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded"),
            let form = Percent.fields(String(decoding: request.body, as: UTF8.self)[...])
        else { throw oauthError(400, "invalid_request", "The form cannot be read", 5) }
        let fields = Dictionary(form.map { ($0.name, $0.value) }) { first, _ in first }
        guard fields["token_format"] == "jwt" else { throw oauthError(400, "invalid_request", "token_format", 5) }
        if let cid = fields["cid"], let header = request.header("X-Psn-Correlation-Id"), cid != header {
            throw oauthError(400, "invalid_request", "cid and X-Psn-Correlation-Id differ", 5)
        }
        switch fields["grant_type"] {
        case "authorization_code": return try redeem(fields)
        case "refresh_token": return try refresh(fields)
        case "sso_token": return try exchange(fields)
        default: throw oauthError(400, "unsupported_grant_type", "Grant type is unknown", 5)
        }
    }

    private func redeem(_ fields: [String: String]) throws(Refusal) -> SimulatedResponse {
        guard let code = fields["code"], let redirect = fields["redirect_uri"],
            let (grant, isOffline) = tokenStore.redeem(code, redirect: redirect, now: now())
        else { throw oauthError(400, "invalid_grant", "Invalid authorization code", 20) }
        return tokens(grant, refresh: isOffline ? tokenStore.issueRefreshToken(grant) : nil, scope: grant.scope)
    }

    private func refresh(_ fields: [String: String]) throws(Refusal) -> SimulatedResponse {
        guard let old = fields["refresh_token"], let grant = tokenStore.refreshGrant(old, now: now()) else {
            throw oauthError(400, "invalid_grant", "Invalid refresh token", 20)
        }
        let granted = grant.scope.split(separator: " ").map(String.init)
        let asked = fields["scope"]?.split(separator: " ").map(String.init) ?? []
        // A refresh without scope was seen to succeed with the full scope.
        let scope = asked.isEmpty && !scenario.refreshNeedsScope ? granted : asked
        guard !scope.isEmpty, Set(scope).isSubset(of: granted) else {
            throw oauthError(400, "invalid_scope", "Scope is missing or not granted", 5)
        }
        // After a refresh, the words of the scope come in another order.
        let answered = scope.reversed().joined(separator: " ")
        switch scenario.refreshToken {
        case .same: return tokens(grant, refresh: old, scope: answered)
        case .omitted: return tokens(grant, refresh: nil, scope: answered)
        case .rotated:
            return tokens(grant, refresh: tokenStore.issueRefreshToken(grant, replacing: old), scope: answered)
        }
    }

    private func exchange(_ fields: [String: String]) throws(Refusal) -> SimulatedResponse {
        guard let account = accounts.first(where: { $0.npsso == fields["npsso"] }) else {
            throw oauthError(400, "invalid_grant", "Invalid login", 20)
        }
        let grant = TokenStore.Grant(
            accountId: account.accountId, platform: account.platform, duid: fields["duid"] ?? "",
            scope: fields["scope"] ?? "", refreshDeadline: now() + Int64(scenario.refreshTokenLife) * 1000)
        return tokens(grant, refresh: tokenStore.issueRefreshToken(grant), scope: grant.scope)
    }

    private func tokens(_ grant: TokenStore.Grant, refresh: String?, scope: String) -> SimulatedResponse {
        let life = scenario.accessTokenLife
        var body: JSONValue = [
            "access_token": .string(tokenStore.issueAccessToken(grant, clientId: clientId, life: life, now: now())),
            "token_type": "bearer", "expires_in": .integer(Int64(max(life - 1, 0))), "scope": .string(scope),
            "id_token": .string(Base64.encodeURL(Random.bytes(96))),
        ]
        if let refresh {
            // The time counts down from the sign-in; a refresh does not extend it.
            let left = max((grant.refreshDeadline - now()) / 1000 - 1, 0)
            body = body.adding("refresh_token", .string(refresh)).adding("refresh_token_expires_in", .integer(left))
        }
        var response = SimulatedResponse(200, json: body)
        response.headers.append(("Cache-Control", "no-store"))
        return response
    }
}
