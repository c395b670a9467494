import Testing

@testable import PartyCore

struct MissingIssuerTests {
    @Test(arguments: [
        ("http://issuer.example/a.crt", true), ("https://issuer.example/a.crt", true), ("HTTP://192.0.2.1:8080", true),
        ("ldap://issuer.example/a", false), ("file:///a", false), ("ftp://issuer.example/a", false), ("", false),
        ("http://", false), ("http://user@issuer.example/", false), ("http://issuer.example/a b", false),
        ("http://127.0.0.1/a", false), ("http://localhost:80/a", false), ("https://[::1]/a", false),
    ])
    func `a server elsewhere sends us to web addresses elsewhere only`(address: String, isUsable: Bool) throws {
        let target = try TargetURL("https://service.example/")
        #expect(MissingIssuer.isUsable(address, for: target) == isUsable)
    }

    @Test func `a server on this machine may send us to this machine`() throws {
        let target = try TargetURL("wss://127.0.0.1:8443/")
        #expect(MissingIssuer.isUsable("http://127.0.0.1:80/a", for: target))
        #expect(!MissingIssuer.isUsable("ldap://127.0.0.1/a", for: target))
    }
}
