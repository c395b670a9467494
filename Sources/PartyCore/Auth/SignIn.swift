/// A sign-in: authorize, take the code from the redirect, exchange it for tokens (docs/protocol.md, 2.1).
package struct SignIn: Sendable {
    private let environment: PartyEnvironment
    private let replacing: Bool
    private static let authorizePath = "/api/authz/v3/oauth/authorize"

    /// - Parameter replacing: whether a sign-in of another server may be replaced.
    package init(_ environment: PartyEnvironment, replacing: Bool = false) {
        self.environment = environment
        self.replacing = replacing
    }

    /// - Throws: as `Authenticator.requireSignInAllowed`.
    func requireSignInAllowed() throws(PartyError) {
        try Authenticator(environment).requireSignInAllowed(replacing: replacing)
    }

    /// The address to open in a browser, stored so that a redirect of another sign-in is recognized.
    /// - Throws: `PartyError` if no OAuth client is configured or the state folder cannot be written.
    package func begin() async throws(PartyError) -> String {
        try requireSignInAllowed()
        let state = environment.random.uuid()
        let url = try await authorizeURL(state: state)
        let pending = JSONWriter.text { json in
            json.object { json in
                json.field("state", state)
                json.field("origin", environment.settings.hosts.issuer?.description)
            }
        }
        try environment.files.save(.pendingLogin, pending + [0x0A])
        return url
    }

    /// The `state` of the pending sign-in; `nil` without one.
    /// - Throws: `.signIn` if it began at another server, whose code must not be sent here.
    func pendingState() throws(PartyError) -> String? {
        let pending = try environment.files.value(of: .pendingLogin) { json in
            json["state"]?.string.map { ($0, json["origin"]?.string) }
        }
        guard let (state, text) = pending else { return nil }
        let origin = text.map { ServiceOrigin($0) } ?? .realService
        guard let origin, origin == environment.settings.hosts.issuer else {
            throw PartyError(
                .signIn,
                "the pending sign-in began at \(text ?? "\(ServiceOrigin.realService)"), not at "
                    + environment.settings.hosts.authorization, step: "sign-in", remedy: .restartSignIn)
        }
        return state
    }

    private static let longestCode = 4096

    /// Completes a sign-in with the redirect URL, or with the code from it.
    package func finish(redirect: Redacted<String>) async throws(PartyError) -> Credentials {
        try requireSignInAllowed()
        let pendingState = try pendingState()
        let text = redirect.reveal().trimmed
        guard text.contains("?") || text.contains("://") else {
            guard !text.contains(where: \.isWhitespace), text.utf8.count <= Self.longestCode else {
                throw PartyError(
                    .badData, "this is neither a code nor the redirect URL of the sign-in", step: "sign-in",
                    hint: "paste the whole URL that starts with \(environment.settings.redirectScheme)")
            }
            return try await exchange(code: Redacted(text), correlationID: nil)
        }
        let address = SignInRedirect(text)
        if let refusal = address.refusal { throw refusal }
        try checkTarget(of: text)
        guard address.field("code") != nil else {
            throw PartyError(
                .badData, "the redirect URL contains no code", step: "sign-in",
                hint: "paste the whole URL that starts with \(environment.settings.redirectScheme)")
        }
        return try await finish(address, expectedState: pendingState)
    }

    /// Signs in with the cookie of a signed-in browser, in a form that `NPSSO` reads.
    package func finish(npsso input: Redacted<String>) async throws(PartyError) -> Credentials {
        try requireSignInAllowed()
        let npsso = try NPSSO(input).value
        let state = environment.random.uuid()
        var request = RESTRequest(
            .get, try await authorizeURL(state: state),
            headers: [HeaderField("Cookie", secret: Redacted("npsso=\(npsso.reveal())"))])
        request.step = "sign-in"
        let response = try await environment.sendSignIn(request)
        let location = response.header("Location")?.trimmed ?? ""
        guard (300..<400).contains(response.status), !location.isEmpty else {
            let isSuccess = (200..<400).contains(response.status)
            guard isSuccess, ServiceFault(inSuccess: response.body) == nil else {
                throw PartyError(response, step: "sign-in")
            }
            throw PartyError(
                .protocolViolation, "sign-in: the service answered with a page, not with a redirect", step: "sign-in",
                status: response.status)
        }
        let redirect = SignInRedirect(location)
        if let refusal = redirect.refusal { throw refusal }
        guard redirect.field("code") != nil else {
            throw redirect.elsewhere(from: environment.settings.hosts.authorization)
        }
        return try await finish(redirect, expectedState: state)
    }

    private func finish(_ redirect: SignInRedirect, expectedState: String?) async throws(PartyError) -> Credentials {
        if let state = redirect.field("state"), let expectedState, state != expectedState {
            throw PartyError(
                .signIn, "the redirect belongs to another sign-in: its state differs", step: "sign-in",
                remedy: .restartSignIn)
        }
        return try await exchange(
            code: Redacted(redirect.field("code") ?? ""), correlationID: redirect.field("cid"))
    }

    /// Refuses a code from another site: it does not belong to this sign-in.
    private func checkTarget(of location: String) throws(PartyError) {
        let expected = try environment.settings.requiredOAuthClient().redirectURI
        func target(_ address: String) -> String {
            let target = address.prefix { $0 != "?" && $0 != "#" }.lowercased()
            return target.hasSuffix("/") ? String(target.dropLast()) : target
        }
        guard target(location) == target(expected) else {
            throw PartyError(
                .badData, "this is not the redirect URL of the sign-in", step: "sign-in",
                hint: "paste the whole URL that starts with \(expected)")
        }
    }

    private func exchange(code: Redacted<String>, correlationID: String?) async throws(PartyError) -> Credentials {
        guard !code.reveal().isEmpty else {
            throw PartyError(.badData, "no code was given", step: "sign-in")
        }
        // Under the lock, because a refresh by another process would restore the old sign-in.
        return try await environment.files.locked(.credentials) { () async throws(PartyError) in
            try requireSignInAllowed()
            let grant = TokenGrant.authorizationCode(code, correlationID: correlationID ?? environment.random.uuid())
            guard let credentials = try await grant.redeem(in: environment, previous: nil) else {
                throw PartyError(
                    .signIn, "the code was already used or has expired", step: "sign-in", status: 400,
                    remedy: .restartSignIn)
            }
            try Authenticator(environment).replace(with: credentials)
            try environment.files.erase(.pendingLogin)
            return credentials
        }
    }

    private func authorizeURL(state: String) async throws(PartyError) -> String {
        let client = try environment.settings.requiredOAuthClient()
        let device = try await DeviceIdentity(environment).deviceID()
        return environment.settings.hosts.authorization + Self.authorizePath + "?"
            + URLText.query([
                ("access_type", "offline"), ("cid", state), ("client_id", client.id), ("duid", device),
                ("redirect_uri", client.redirectURI), ("response_type", "code"), ("scope", client.scope),
                ("service_entity", "urn:service-entity:psn"), ("state", state),
            ])
    }
}

extension ServiceSettings {
    fileprivate var redirectScheme: String {
        oauthClient.map { String($0.redirectURI.prefix { $0 != ":" }) + ":" } ?? "the redirect scheme"
    }
}
