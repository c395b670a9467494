import PartyCore
import Testing

struct RedactedTests {
    private static let word = "hunter2secret"
    /// The secret as an array of its bytes prints.
    private static let numbers = Array(word.utf8).map(String.init).joined(separator: ", ")

    private static func printed(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        let children = Mirror(reflecting: value).children.map { "\($0.value)" + String(reflecting: $0.value) }
        return [String(describing: value), String(reflecting: value), "\(value)", "\([value])", dumped] + children
            + ["\(Optional(value) as Any)", "\(["k": value])"]
    }

    private static func expectNoSecret(_ value: some Any, _ location: SourceLocation = #_sourceLocation) {
        for text in printed(value) {
            #expect(!text.contains(word), sourceLocation: location)
            #expect(!text.contains(numbers), sourceLocation: location)
            #expect(
                !text.split(whereSeparator: { !$0.isNumber }).contains("104"), "a byte: \(text)",
                sourceLocation: location)
        }
    }

    @Test func `a secret does not print its value`() {
        Self.expectNoSecret(Redacted(Self.word))
        Self.expectNoSecret(Redacted(Array(Self.word.utf8)))
        #expect("\(Redacted(Self.word))" == "<redacted>")
        #expect(String(reflecting: Redacted(Self.word)) == "<redacted>")
        #expect(Redacted(Self.word).reveal() == Self.word)
    }

    @Test func `secrets with equal values are equal`() {
        #expect(Redacted("a") == Redacted("a"))
        #expect(Redacted("a") != Redacted("b"))
    }

    @Test func `a header with a secret prints its name only`() {
        let header = HeaderField("Authorization", secret: Redacted(Self.word))
        Self.expectNoSecret(header)
        #expect(header.description == "Authorization: <redacted>")
        #expect(header.revealedValue() == Self.word)
        let plain = HeaderField("X-Psn-Sampled", "0")
        #expect(plain.description == "X-Psn-Sampled: 0")
        #expect(plain.revealedValue() == "0")
    }

    @Test func `a request prints neither its secret header nor its secret body`() {
        let body = RESTRequest.Body(
            Array(Self.word.utf8), contentType: "application/x-www-form-urlencoded", isSecret: true)
        let header = HeaderField("Authorization", secret: Redacted(Self.word))
        Self.expectNoSecret(body)
        Self.expectNoSecret(RESTRequest(.post, "https://192.0.2.1/token", headers: [header], body: body))
    }

    @Test func `a body without secrets is printed in a test's failure`() {
        let body = RESTRequest.Body(Array(#"{"a":1}"#.utf8), contentType: "application/json")
        #expect(String(describing: body).contains(#"{"a":1}"#))
        #expect(String(describing: body).contains("application/json"))
    }

    @Test func `descriptions of a grant, credentials and a sign-in contain no token`() {
        Self.expectNoSecret(TokenGrant.refresh(Redacted(Self.word)))
        Self.expectNoSecret(TokenGrant.authorizationCode(Redacted(Self.word), correlationID: "c"))
        Self.expectNoSecret(OAuthClient(id: "client", secret: Redacted(Self.word)))
        let moment = Timestamp(milliseconds: 0)
        Self.expectNoSecret(
            Credentials(
                origin: nil, accessToken: Redacted(Self.word), refreshToken: Redacted(Self.word), issuedAt: moment,
                expiresAt: moment,
                refreshExpiresAt: nil, accountID: alice, onlineID: nil))
        let request = TokenGrant.refresh(Redacted(Self.word))
            .request(hosts: ServiceHosts(), client: OAuthClient(id: "client", secret: Redacted(Self.word)))
        Self.expectNoSecret(request)
    }
}
