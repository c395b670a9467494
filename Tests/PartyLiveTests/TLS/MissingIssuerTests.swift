import Testing

@testable import PartyCore
@testable import PartyLive

struct MissingIssuerTests {
    @Test(arguments: [
        ("http://issuer.example/a.crt", true), ("https://issuer.example/a.crt", true), ("HTTP://192.0.2.1:8080", true),
        ("ldap://issuer.example/a", false), ("file:///a", false), ("ftp://issuer.example/a", false), ("", false),
        ("http://", false), ("http://user@issuer.example/", false), ("http://issuer.example/a b", false),
    ])
    func `only http and https addresses of issuers are used`(address: String, isUsable: Bool) {
        #expect(MissingIssuer.isWebAddress(address) == isUsable)
    }

    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "192.0.1.0", "223.255.255.255",
        "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
    ])
    func `addresses of the internet are public`(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1",
        "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "4000::1",
    ])
    func `loopback, private and reserved addresses are not public`(text: String) throws {
        #expect(!(try #require(IPAddress(text)).isPublic))
    }

    @Test(arguments: [
        ("issuer.example", true), ("a.b.issuer.example", true), ("8.8.8.8", true), ("[2606:4700::1111]", true),
        ("issuer", false), ("localhost", false), ("a.localhost", false), ("printer.local", false),
        ("db.internal", false),
        ("10.0.0.1", false), ("[::1]", false), ("[::ffff:10.0.0.1]", false), ("2130706433", false), ("127.1", false),
        ("0x7f.1", false), ("1.0.0.127.in-addr.arpa", false), ("a.b.3com", false),
    ])
    func `behind a proxy the host name must look public`(host: String, isPublic: Bool) throws {
        #expect(try TargetURL("http://\(host)/").hasPublicForm == isPublic)
    }
}
