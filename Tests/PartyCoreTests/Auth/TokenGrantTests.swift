import Foundation
import PartyCore
import Testing

struct TokenGrantTests {
    private static let client = OAuthClient(id: "client-1", secret: Redacted("s:e/c?"))
    private static let origin = ServiceOrigin("https://192.0.2.1")
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)
    private static let token = accessToken(#"{"account_id":"1000000000000000001"}"#)

    private static var previous: Credentials {
        Credentials(
            origin: origin, accessToken: Redacted("old"), refreshToken: Redacted("old-refresh"),
            issuedAt: Timestamp(milliseconds: 1),
            expiresAt: Timestamp(milliseconds: 2), refreshExpiresAt: Timestamp(milliseconds: 3), accountID: alice,
            onlineID: "psparty-user-a")
    }

    private static func credentials(_ fields: String, previous: Credentials? = nil) throws(CodecError) -> Credentials {
        let body = #"{"access_token":"\#(token)"\#(fields)}"#
        return try TokenGrant.credentials(in: Array(body.utf8), now: now, from: origin, previous: previous)
    }

    @Test func `a code is exchanged by a form with the correlation id in it and in a header`() throws {
        let request = TokenGrant.authorizationCode(Redacted("v3.Ab+/=&"), correlationID: "c-1")
            .request(hosts: ServiceHosts(), client: Self.client)
        #expect(request.method == .post)
        #expect(request.url == "https://ca.account.sony.com/api/authz/v3/oauth/token")
        let basic = "Basic " + Data("client-1:s:e/c?".utf8).base64EncodedString()
        #expect(
            request.headers == [
                HeaderField("Authorization", secret: Redacted(basic)), HeaderField("X-Psn-Correlation-Id", "c-1"),
            ])
        let body = try #require(request.body)
        #expect(
            text(body.bytes)
                == "grant_type=authorization_code&code=v3.Ab%2B%2F%3D%26&redirect_uri=com.scee.psxandroid.scecompcall%3A%2F%2F"
                + "redirect&token_format=jwt&cid=c-1")
        #expect(body.contentType == "application/x-www-form-urlencoded")
        #expect(body.isSecret)
    }

    @Test func `a refresh sends the scope and no correlation id`() throws {
        let hosts = try #require(ServiceHosts(origin: "https://192.0.2.1"))
        let request = TokenGrant.refresh(Redacted("r/t")).request(hosts: hosts, client: Self.client)
        #expect(request.url == "https://192.0.2.1/api/authz/v3/oauth/token")
        #expect(request.headers.map(\.name) == ["Authorization"])
        let form =
            "grant_type=refresh_token&refresh_token=r%2Ft&token_format=jwt&scope=psn%3Amobile.v2.core%20psn%3Aclientapp"
        #expect(request.body.map { text($0.bytes) } == form)
        #expect(request.body?.isSecret == true)
    }

    @Test func `a response grants tokens whose lifetime starts now`() throws {
        let granted = try Self.credentials(
            #","expires_in":3599,"refresh_token":"r","refresh_token_expires_in":5183999"#)
        let expected = Credentials(
            origin: Self.origin, accessToken: Redacted(Self.token), refreshToken: Redacted("r"), issuedAt: Self.now,
            expiresAt: Timestamp(milliseconds: 1_700_003_599_000),
            refreshExpiresAt: Timestamp(milliseconds: 1_705_183_999_000), accountID: alice, onlineID: nil)
        #expect(granted == expected)
    }

    @Test func `values that a refresh omits are kept`() throws {
        let granted = try Self.credentials("", previous: Self.previous)
        #expect(granted.refreshToken == Redacted("old-refresh"))
        #expect(granted.refreshExpiresAt == Timestamp(milliseconds: 3))
        #expect(granted.onlineID == "psparty-user-a")
        #expect(granted.accessToken == Redacted(Self.token))
        #expect(granted.expiresAt == Timestamp(milliseconds: 1_700_003_599_000))
        let replaced = try Self.credentials(
            #","refresh_token":"new","refresh_token_expires_in":1"#, previous: Self.previous)
        #expect(replaced.refreshToken == Redacted("new"))
        #expect(replaced.refreshExpiresAt == Timestamp(milliseconds: 1_700_000_001_000))
    }

    @Test func `a name is not kept for another account`() throws {
        var other = Self.previous
        other.accountID = bob
        #expect(try Self.credentials("", previous: other).onlineID == nil)
        #expect(try Self.credentials("", previous: other).accountID == alice)
    }

    @Test func `a response with only an access token is accepted`() throws {
        let granted = try Self.credentials("")
        #expect(granted.refreshToken == nil)
        #expect(granted.refreshExpiresAt == nil)
    }

    @Test(arguments: [
        ("1", 1), ("604800", 604_800), ("\"60\"", 60), ("0", 3599), ("-1", 3599), ("604801", 3599), ("3599000", 3599),
        ("1e3", 3599), ("0.5", 3599), ("9223372036854775807", 3599), ("-9223372036854775808", 3599), ("null", 3599),
    ])
    func `an invalid lifetime is replaced by the default`(text: String, seconds: Int64) throws {
        let granted = try Self.credentials(#","expires_in":\#(text)"#)
        #expect(granted.expiresAt - granted.issuedAt == .seconds(seconds))
    }

    @Test(arguments: [
        ("1", 1), ("63072000", 63_072_000), ("0", nil), ("-5", nil), ("5183999000", nil), ("9223372036854775807", nil),
    ])
    func `an invalid refresh lifetime is nil`(text: String, seconds: Int64?) throws {
        let granted = try Self.credentials(#","refresh_token_expires_in":\#(text)"#)
        #expect(granted.refreshExpiresAt.map { $0 - granted.issuedAt } == seconds.map { .seconds($0) })
    }

    @Test(arguments: [
        "", "{}", "[]", "<html>", #"{"access_token":""}"#, #"{"access_token":5}"#, #"{"access_token":"opaque"}"#,
    ])
    func `a response without a readable token is refused`(_ body: String) {
        #expect(throws: CodecError.self) {
            try TokenGrant.credentials(in: Array(body.utf8), now: Self.now, from: Self.origin, previous: Self.previous)
        }
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_grant","error_description":"Invalid refresh token","error_code":20}"#, true),
        (400, #"{"error":"invalid_client"}"#, false), (400, #"{"error":{"message":"invalid_grant"}}"#, false),
        (400, "", false),
        (400, "<html>", false), (401, #"{"error":"invalid_grant"}"#, false),
        (200, #"{"error":"invalid_grant"}"#, true), (200, #"{"error":"invalid_client"}"#, false),
        (500, #"{"error":"invalid_grant"}"#, false), (400, #"{"error":"INVALID_GRANT"}"#, false),
    ])
    func `a grant is revoked only if the service says so`(_ status: Int, _ body: String, _ isDead: Bool) {
        #expect(TokenGrant.isDead(RESTResponse(status: status, body: Array(body.utf8))) == isDead)
    }

    @Test func `a response other than 200 is a failed sign-in`() {
        let unknown = #expect(throws: PartyError.self) {
            try TokenGrant.read(RESTResponse(status: 401), now: Self.now, from: Self.origin, previous: nil)
        }
        #expect(unknown?.kind == .signIn)
        #expect(unknown?.remedy == .checkClient)
        let broken = #expect(throws: PartyError.self) {
            try TokenGrant.read(
                RESTResponse(status: 200, body: [0x7B]), now: Self.now, from: Self.origin, previous: nil)
        }
        #expect(broken?.kind == .protocolViolation)
        let busy = #expect(throws: PartyError.self) {
            try TokenGrant.read(RESTResponse(status: 503), now: Self.now, from: Self.origin, previous: nil)
        }
        #expect(busy?.kind == .unreachable)
    }
}
