import Foundation
import PartyCore
import Testing

/// A token in the service's form, built here so that no file contains one.
func accessToken(_ claims: String) -> String {
    func base64URL(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }
    return [base64URL(#"{"alg":"RS256"}"#), base64URL(claims), "c2lnbmF0dXJl"].joined(separator: ".")
}

struct AccessTokenTests {
    @Test(arguments: ["", "x", "xx", "xxx", "ü?>~ÿ"])
    func `account and times are read at any length of the claims`(_ filler: String) throws {
        let claims = #"{"pad":"\#(filler)","account_id":"1000000000000000001","iat":1700000000,"exp":1700003600}"#
        let token = try AccessToken(Redacted(accessToken(claims)))
        #expect(token.accountID == alice)
        #expect(token.issuedAt == Timestamp(milliseconds: 1_700_000_000_000))
        #expect(token.expiresAt == Timestamp(milliseconds: 1_700_003_600_000))
    }

    @Test func `missing times and times out of range are nil`() throws {
        let token = try AccessToken(
            Redacted(accessToken(#"{"account_id":18446744073709551615,"exp":9223372036854775807}"#)))
        #expect(token.accountID == AccountID(.max))
        #expect(token.issuedAt == nil)
        #expect(token.expiresAt == nil)
    }

    @Test(arguments: [
        "", "a", "a.b", "a.b.c.d", "..", "a.!.c", "a.bm8.c", accessToken("{}"), accessToken("[]"),
        accessToken(#"{"account_id":"me"}"#), accessToken(#"{"account_id":-1}"#), accessToken("{") + "\u{301}",
    ])
    func `a text that is no token is refused and not repeated`(_ token: String) {
        let error = #expect(throws: CodecError.self) { try AccessToken(Redacted(token)) }
        #expect(token.count < 3 || error?.description.contains(token) == false)
    }
}
