import PartyCore
import Testing

/// Null, a missing field and an empty string mean the same for ids, names and tokens.
struct AbsentTests {
    private static let forms = ["", #","x":null"#, #","x":"""#, #","x":5"#]

    private static func absent(_ name: String) -> [String] { forms.map { $0.replacing("x", with: name) } }

    @Test func `null members and empty texts are nil`() throws {
        let root = try JSONDocument(Array(#"{"a":null,"b":"","c":"x","d":"\"","e":{}}"#.utf8)).root
        #expect(root["a"] == nil)
        #expect(root["b"]?.text == nil)
        #expect(root["b"]?.string == "")
        #expect(root["c"]?.text == "x")
        #expect(root["d"]?.text == "\"")
        #expect(root["e"]?.text == nil)
    }

    @Test func `a member's name and platform`() throws {
        for name in Self.absent("onlineId") {
            for platform in Self.absent("platform") {
                let json = try JSONDocument(Array(#"{"accountId":"7"\#(name)\#(platform)}"#.utf8)).root
                #expect(Member(json) == Member(accountID: AccountID(7)))
            }
        }
    }

    @Test func `the party id under its second name`() throws {
        for first in Self.absent("sessionId") {
            let body = Array(#"{"v2PartySessions":null,"partySessions":[{"partySessionId":"p"\#(first)}]}"#.utf8)
            #expect(try SessionPayload.sessions(in: body).map(\.id.text) == ["p"])
        }
    }

    @Test func `an inviter and a name of an invitation`() throws {
        for from in Self.absent("from") {
            let body = #"{"invitations":[{"sessionId":"p","sessionName":"","inviter":{"accountId":"7"}\#(from)}]}"#
            let found = try InvitationPayload.invitations(in: Array(body.utf8))
            // A value of another type does not count as missing.
            guard from.contains("5") == false, from.contains("\"\"") == false else { continue }
            #expect(found == [Invitation(partyID: PartyID("p"), from: Member(accountID: AccountID(7)))])
        }
    }

    @Test func `a missing access token is an error, a missing refresh token keeps the old one`() {
        let now = Timestamp(milliseconds: 0)
        let old = Credentials(
            origin: nil, accessToken: Redacted("a"), refreshToken: Redacted("old"), issuedAt: now, expiresAt: now,
            refreshExpiresAt: nil, accountID: AccountID(7), onlineID: nil)
        let token = accessToken(#"{"account_id":"7"}"#)
        for field in Self.absent("refresh_token") {
            let body = Array(#"{"access_token":"\#(token)"\#(field)}"#.utf8)
            let answer = RESTResponse(status: 200, body: body)
            #expect((try? TokenGrant.read(answer, now: now, from: nil, previous: old))?.refreshToken?.reveal() == "old")
        }
        for field in Self.absent("access_token") {
            let answer = RESTResponse(status: 200, body: Array(#"{"refresh_token":"r"\#(field)}"#.utf8))
            let error = #expect(throws: PartyError.self) {
                _ = try TokenGrant.read(answer, now: now, from: nil, previous: old)
            }
            #expect(error?.kind == .protocolViolation)
        }
    }

    @Test func `a token with invalid characters is refused`() {
        let token = accessToken(#"{"account_id":"7"}"#)
        for odd in [token + "\n", token + " ", "\"" + token + "\"", token + "\u{E9}"] {
            #expect(throws: CodecError.self) { _ = try AccessToken(Redacted(odd)) }
        }
    }
}
