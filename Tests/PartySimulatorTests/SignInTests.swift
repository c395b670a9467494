import Testing

@testable import PartySimulator

struct SignInTests {
    static func authorize(_ stage: Stage, duid: String = "", scope: String? = nil, clientId: String? = nil) -> String {
        let query = [
            "response_type=code", "client_id=\(clientId ?? stage.service.clientId)",
            "redirect_uri=com.scee.psxandroid.scecompcall%3A%2F%2Fredirect",
            "scope=\(scope ?? "psn%3Amobile.v2.core%20psn%3Aclientapp")", "access_type=offline", "cid=c-1",
            "duid=\(duid)",
        ]
        return "/api/authz/v3/oauth/authorize?" + query.joined(separator: "&")
    }

    static func location(_ stage: Stage, npsso: String?, _ target: String) async -> String {
        let cookie = npsso.map { [("Cookie", "a=b; npsso=\($0)")] } ?? []
        let answer = await stage.call("GET", target, headers: cookie)
        #expect(answer.status == 302)
        return answer.header("Location") ?? ""
    }

    static func code(_ stage: Stage, duid: String = "00") async -> String {
        let location = await location(stage, npsso: stage.service.accounts[0].npsso, authorize(stage, duid: duid))
        return String(
            location.dropFirst("com.scee.psxandroid.scecompcall://redirect/?code=".count).prefix { $0 != "&" })
    }

    static func token(_ stage: Stage, _ form: String, basic: String? = nil) async -> SimulatedResponse {
        let credentials = basic ?? Base64.encode("\(stage.service.clientId):\(stage.service.clientSecret)".utf8)
        let request = SimulatedRequest(
            method: "POST", target: "/api/authz/v3/oauth/token",
            headers: [
                ("Authorization", "Basic \(credentials)"), ("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array(form.utf8))
        guard case .answer(let answer) = await stage.service.respond(to: request) else { return .init(status: 0) }
        return answer
    }

    static func redeem(_ stage: Stage, _ code: String) async -> SimulatedResponse {
        await token(
            stage,
            "grant_type=authorization_code&code=\(code)&token_format=jwt"
                + "&redirect_uri=com.scee.psxandroid.scecompcall%3A%2F%2Fredirect")
    }

    static func refresh(_ stage: Stage, _ token: String, scope: String = "psn%3Aclientapp") async -> SimulatedResponse {
        await Self.token(
            stage, "grant_type=refresh_token&refresh_token=\(Percent.encode(token))&token_format=jwt&scope=\(scope)")
    }

    @Test func `a code comes by redirect and is valid once`() async {
        let stage = Stage()
        let code = await Self.code(stage)
        #expect(code.hasPrefix("v3.") && code.count == 9)
        #expect(await Self.redeem(stage, code).status == 200)
        let again = await Self.redeem(stage, code)
        #expect(again.status == 400)
        #expect(again.json["error"]?.string == "invalid_grant")
    }

    @Test func `without a sign-in the redirect goes to the sign-in page with 4165`() async {
        let stage = Stage()
        for npsso in [nil, String(repeating: "x", count: 64)] {
            let location = await Self.location(stage, npsso: npsso, Self.authorize(stage))
            #expect(location.hasPrefix("https://my.account.sony.com/sonyacct/signin/?response_type=code&"))
            #expect(location.contains("error=login_required&error_code=4165"))
        }
    }

    @Test func `an unknown client or scope has another error than 4165`() async {
        let stage = Stage()
        let npsso = stage.service.accounts[0].npsso
        for target in [Self.authorize(stage, clientId: "other"), Self.authorize(stage, scope: "psn%3Aother")] {
            let location = await Self.location(stage, npsso: npsso, target)
            #expect(location.contains("error_code=") && !location.contains("4165"))
        }
    }

    @Test func `the response of the token endpoint has the documented fields and claims`() async throws {
        let stage = Stage()
        let answer = await Self.redeem(stage, await Self.code(stage))
        #expect(answer.json["expires_in"]?.integer == 3599)
        #expect(answer.json["refresh_token_expires_in"]?.integer == 5_183_999)
        #expect(answer.json["token_type"]?.string == "bearer")
        #expect(answer.header("Cache-Control") == "no-store")
        let parts = try #require(answer.json["access_token"]?.string).split(separator: ".")
        #expect(parts.count == 3)
        let padded = parts[1].map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        let text = String(padded) + String(repeating: "=", count: (4 - padded.count % 4) % 4)
        let claims = try JSONReader.read(try #require(Base64.decode(text)))
        #expect(claims["account_id"]?.string == "1000000000000000001")
        #expect(claims["iat"]?.integer == Stage.now / 1000)
        #expect(claims["exp"]?.integer == Stage.now / 1000 + 3600)
        #expect(claims["iss"]?.string == "https://auth.account.sony.com/")
        #expect(claims["is_child"]?.bool == false)
    }

    @Test func `a wrong Basic value is 401`() async {
        let stage = Stage()
        let answer = await Self.token(stage, "grant_type=refresh_token", basic: "AAAA")
        #expect(answer.status == 401)
        #expect(answer.json["error"]?.string == "invalid_client")
    }

    @Test func `a refresh rotates the token without a longer life`() async throws {
        let stage = Stage()
        let first = try #require(await Self.redeem(stage, await Self.code(stage)).json["refresh_token"]?.string)
        let answer = await Self.refresh(stage, first)
        #expect(answer.status == 200)
        #expect(answer.json["refresh_token_expires_in"]?.integer == 5_183_999)
        #expect(answer.json["refresh_token"]?.string != first)
        #expect(await Self.refresh(stage, first).json["error"]?.string == "invalid_grant")
    }

    @Test(arguments: [Scenario.RefreshToken.same, .omitted])
    func `other refresh modes keep the old token valid`(manner: Scenario.RefreshToken) async throws {
        let stage = Stage { $0.refreshToken = manner }
        let first = try #require(await Self.redeem(stage, await Self.code(stage)).json["refresh_token"]?.string)
        let answer = await Self.refresh(stage, first)
        #expect(answer.json["refresh_token"]?.string == (manner == .same ? first : nil))
        #expect(await Self.refresh(stage, first).status == 200)
    }

    @Test func `a refresh without a scope gets the granted one, or is refused by the scenario`()
        async throws
    {
        let stage = Stage { $0.refreshToken = .same }
        let token = try #require(await Self.redeem(stage, await Self.code(stage)).json["refresh_token"]?.string)
        let answer = await Self.refresh(stage, token, scope: "")
        #expect(answer.status == 200)
        #expect(answer.json["scope"]?.string?.split(separator: " ").count == 2)
        await stage.service.reconfigure { $0.refreshNeedsScope = true }
        #expect(await Self.refresh(stage, token, scope: "").json["error"]?.string == "invalid_scope")
    }

    @Test func `a refresh with a revoked token is an invalid grant`() async throws {
        let stage = Stage()
        let token = try #require(await Self.redeem(stage, await Self.code(stage)).json["refresh_token"]?.string)
        await stage.service.killRefreshTokens()
        let dead = await Self.refresh(stage, token)
        #expect(dead.status == 400)
        #expect(dead.json["error"]?.string == "invalid_grant")
    }

    @Test func `an expired access token is 401`() async {
        let stage = Stage()
        let token = await stage.token("A")
        #expect(await stage.call("GET", "/api/v1/devices/accounts/me", token).status == 200)
        await stage.service.expireAccessTokens()
        #expect(await stage.call("GET", "/api/v1/devices/accounts/me", token).status == 401)
    }

    @Test func `the cookie itself can be exchanged for tokens`() async {
        let stage = Stage()
        let form = "grant_type=sso_token&scope=psn%3Aclientapp&token_format=jwt&duid=00&npsso="
        let good = await Self.token(stage, form + stage.service.accounts[0].npsso)
        #expect(good.status == 200)
        #expect(good.json["refresh_token"]?.string?.isEmpty == false)
        #expect(await Self.token(stage, form + "strange").json["error"]?.string == "invalid_grant")
    }

    @Test func `the npsso page shows the cookie of the request`() async {
        let stage = Stage()
        let npsso = stage.service.accounts[1].npsso
        let answer = await stage.call("GET", "/api/v1/ssocookie", headers: [("Cookie", "npsso=\(npsso)")])
        #expect(answer.json["npsso"]?.string == npsso)
        #expect(npsso.count == 64)
        #expect(await stage.call("GET", "/api/v1/ssocookie").json["error"]?.string == "invalid_grant")
    }
}
