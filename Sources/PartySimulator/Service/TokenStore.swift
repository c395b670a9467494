/// The issued tokens, with their accounts and expiry times.
struct TokenStore {
    /// The grant of a token.
    struct Grant: Sendable, Equatable {
        var accountId: String
        var platform: String
        /// The device of the sign-in; empty if it named none.
        var duid: String
        var scope: String
        /// When the refresh token expires, in milliseconds; fixed at the sign-in.
        var refreshDeadline: Int64
    }

    private struct Code {
        var grant: Grant
        var redirect: String
        var isOffline: Bool
        var deadline: Int64
    }

    private var codes: [String: Code] = [:]
    private var accessTokens: [String: (grant: Grant, deadline: Int64)] = [:]
    private var refreshTokens: [String: Grant] = [:]

    mutating func issueCode(_ grant: Grant, redirect: String, isOffline: Bool, now: Int64) -> String {
        let code = "v3." + Random.alphanumeric(6)
        codes[code] = Code(grant: grant, redirect: redirect, isOffline: isOffline, deadline: now + 300_000)
        return code
    }

    /// The grant of a code. A code can be used once.
    mutating func redeem(_ code: String, redirect: String, now: Int64) -> (grant: Grant, isOffline: Bool)? {
        guard let entry = codes.removeValue(forKey: code), entry.redirect == redirect, entry.deadline > now else {
            return nil
        }
        return (entry.grant, entry.isOffline)
    }

    func refreshGrant(_ token: String, now: Int64) -> Grant? {
        guard let grant = refreshTokens[token], grant.refreshDeadline > now else { return nil }
        return grant
    }

    mutating func issueRefreshToken(_ grant: Grant, replacing old: String? = nil) -> String {
        if let old { refreshTokens[old] = nil }
        let token = Random.uuid() + Random.alphanumeric(24)
        refreshTokens[token] = grant
        return token
    }

    func accessGrant(_ token: String, now: Int64) -> Grant? {
        guard let entry = accessTokens[token], entry.deadline > now else { return nil }
        return entry.grant
    }

    mutating func expireAccessTokens() { accessTokens = [:] }
    mutating func killRefreshTokens() { refreshTokens = [:] }

    /// A JWT with the documented claims. Its signature is random, because only this type checks the token.
    mutating func issueAccessToken(_ grant: Grant, clientId: String, life: Int, now: Int64) -> String {
        let header: JSONValue = ["kid": .string(Random.uuid()), "alg": "RS256"]
        let issued = now / 1000
        let claims: JSONValue = [
            "account_id": .string(grant.accountId), "account_uuid": .string(Random.uuid()),
            "client_id": .string(clientId), "dcim_id": .string(Random.uuid()), "device_type": "ANDROID_APP",
            "grant_type": "authorization_code", "iss": "https://auth.account.sony.com/", "iat": .integer(issued),
            "exp": .integer(issued + Int64(life)), "jti": .string(Random.uuid()), "ver": "2", "env_iss_id": "256",
            "legal_country": "US", "locale": "en-US", "age": 99, "is_child": false, "user_device_ip": "192.0.2.1",
            "authz_c": .string(Base64.encodeURL(Random.bytes(900))),
        ]
        let token = [header.bytes, claims.bytes, Random.bytes(256)].map { Base64.encodeURL($0) }.joined(separator: ".")
        accessTokens[token] = (grant, now + Int64(life) * 1000)
        return token
    }
}
