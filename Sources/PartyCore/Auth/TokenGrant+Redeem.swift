extension TokenGrant {
    /// Exchanges the grant for tokens.
    /// - Parameter previous: the credentials that a refresh replaces.
    /// - Returns: `nil` if the service has revoked the grant; the caller decides what that means.
    package func redeem(
        in environment: PartyEnvironment, previous: Credentials?
    ) async throws(PartyError) -> Credentials? {
        let client = try environment.settings.requiredOAuthClient()
        let response = try await environment.sendSignIn(request(hosts: environment.settings.hosts, client: client))
        guard !Self.isDead(response) else { return nil }
        return try Self.read(
            response, now: environment.clock.now(), from: environment.settings.hosts.issuer, previous: previous)
    }

    /// The credentials in a response of the token endpoint.
    package static func read(
        _ response: RESTResponse, now: Timestamp, from origin: ServiceOrigin?, previous: Credentials?
    ) throws(PartyError) -> Credentials {
        let fault = ServiceFault(inSuccess: response.body)
        guard response.status == 200, fault == nil else {
            var error = PartyError(response, step: "sign-in")
            if response.status == 401 || fault?.oauthError == "invalid_client" {
                (error.hint, error.remedy) = (nil, .checkClient)
            }
            throw error
        }
        do throws(CodecError) {
            return try credentials(in: response.body, now: now, from: origin, previous: previous)
        } catch { throw PartyError(error, step: "sign-in") }
    }
}

extension PartyEnvironment {
    /// Sends a request of the sign-in once, without a token.
    package func sendSignIn(_ request: RESTRequest) async throws(PartyError) -> RESTResponse {
        do throws(TransportError) {
            return try await transport.send(request)
        } catch { throw PartyError(error, step: "sign-in") }
    }
}

extension ServiceSettings {
    /// - Throws: `PartyError.Kind.configuration` if no OAuth client is configured.
    package func requiredOAuthClient() throws(PartyError) -> OAuthClient {
        guard let oauthClient else {
            throw PartyError(
                .configuration, "no OAuth client is configured", step: "sign-in",
                remedy: .configureClient)
        }
        return oauthClient
    }
}
