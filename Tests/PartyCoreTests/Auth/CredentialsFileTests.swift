import PartyCore
import Testing

struct CredentialsFileTests {
    private static let full = Credentials(
        origin: ServiceOrigin("https://[::1]:8443"), accessToken: Redacted("a\"\\\u{1F600}/token"),
        refreshToken: Redacted("r"),
        issuedAt: Timestamp(milliseconds: 1),
        expiresAt: Timestamp(milliseconds: .max), refreshExpiresAt: Timestamp(milliseconds: -1),
        accountID: AccountID(.max), onlineID: "psparty-user-a")

    @Test func `credentials are read back unchanged`() throws {
        #expect(try CredentialsFile.decode(CredentialsFile.encode(Self.full)) == Self.full)
        var bare = Self.full
        (bare.refreshToken, bare.refreshExpiresAt, bare.onlineID) = (nil, nil, nil)
        bare.origin = nil
        #expect(try CredentialsFile.decode(CredentialsFile.encode(bare)) == bare)
    }

    @Test func `the file is one line of JSON with its version`() {
        var plain = Self.full
        plain.accessToken = Redacted("a")
        plain.refreshToken = nil
        let expected =
            #"{"version":1,"origin":"https://[::1]:8443","accountId":"18446744073709551615","onlineId":"psparty-user-a","accessToken":"a","#
            + #""refreshToken":null,"issuedAt":1,"expiresAt":9223372036854775807,"refreshExpiresAt":-1}"# + "\n"
        #expect(text(CredentialsFile.encode(plain)) == expected)
    }

    @Test func `a file cut at any byte is refused`() {
        let whole = CredentialsFile.encode(Self.full)
        // Without its line feed it is still complete.
        for length in 0..<(whole.count - 1) {
            #expect(throws: CodecError.self) { try CredentialsFile.decode(Array(whole[..<length])) }
        }
    }

    @Test(arguments: ["0", "2", "\"2\"", "null", "1.0", "[]"])
    func `another version is refused with that reason`(_ version: String) {
        let file = text(CredentialsFile.encode(Self.full)).replacing("\"version\":1", with: "\"version\":\(version)")
        let error = #expect(throws: CodecError.self) { try CredentialsFile.decode(Array(file.utf8)) }
        #expect(error?.problem == "its version is not 1")
    }

    @Test(arguments: ["accountId", "accessToken", "issuedAt", "expiresAt"])
    func `a missing field is refused`(_ field: String) {
        let file = text(CredentialsFile.encode(Self.full)).replacing("\"\(field)\"", with: "\"x\"")
        let error = #expect(throws: CodecError.self) { try CredentialsFile.decode(Array(file.utf8)) }
        #expect(error?.problem == "a field is missing")
    }

    @Test(arguments: ["", "\n", "{}", "[]", "null", "{\"version\":1}", "\u{0}\u{0}\u{0}"])
    func `other contents are refused`(_ file: String) {
        #expect(throws: CodecError.self) { try CredentialsFile.decode(Array(file.utf8)) }
    }
}
