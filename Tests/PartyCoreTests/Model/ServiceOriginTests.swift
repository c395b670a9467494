import PartyCore
import Testing

struct ServiceOriginTests {
    @Test(arguments: [
        ("https://ca.account.sony.com", "https://ca.account.sony.com"),
        ("HTTPS://CA.Account.Sony.COM:443/", "https://ca.account.sony.com"),
        ("https://127.0.0.1:0443", "https://127.0.0.1"), ("https://h:8443/a/b?c#d", "https://h:8443"),
        ("http://localhost:80", "http://localhost"), ("http://localhost:443", "http://localhost:443"),
        ("wss://h.example:443/np/pushNotification", "https://h.example"), ("ws://127.0.0.1:1", "http://127.0.0.1:1"),
        ("https://[::1]:8443", "https://[::1]:8443"), ("https://[0:0:0:0:0:0:0:1]:8443", "https://[::1]:8443"),
        ("https://[0000:0::0001]", "https://[::1]"), ("https://[2001:DB8::0:1]", "https://[2001:db8::1]"),
        ("https://[2001:db8:0:0:1:0:0:1]", "https://[2001:db8::1:0:0:1]"), ("https://[::]", "https://[::]"),
        ("https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]"),
        ("https://[1:2:3:4:5:6:7:8]", "https://[1:2:3:4:5:6:7:8]"),
        ("https://[1:0:3:4:5:6:7:8]", "https://[1:0:3:4:5:6:7:8]"), ("https://[fe80::]", "https://[fe80::]"),
    ])
    func `each server has one spelling`(text: String, origin: String) {
        #expect(ServiceOrigin(text)?.description == origin)
        #expect(ServiceOrigin(origin) == ServiceOrigin(text))
    }

    @Test(arguments: [
        "", "h", "://h", "ftp://h", "https:/h", "https://", "https://:1", "https://h:", "https://h:0",
        "https://h:65536",
        "https://h:+1", "https://u@h", "https://u:p@h", "https://h h", "https://\u{E9}", "https://[::1",
        "https://[::1]x",
        "https://[1:2]", "https://[1::2::3]", "https://[:::]", "https://[12345::]", "https://[::+1]",
        "https://[::1.2.3]",
        "https://[192.0.2.4::]", "https://[1:2:3:4:5:6:7:8:9]", "https://[::g]", "https://[1:2:3:4:5:6:7::8]x",
    ])
    func `other texts are not origins`(text: String) {
        #expect(ServiceOrigin(text) == nil)
    }

    @Test(arguments: [
        ("https://ca.account.sony.com", "https://m.np.playstation.com", true),
        ("https://ca.account.sony.com", "https://x.np.communication.playstation.net", true),
        ("https://ca.account.sony.com", "https://playstation.net.evil.example", false),
        ("https://ca.account.sony.com", "https://evilplaystation.net", false),
        ("https://ca.account.sony.com", "https://m.np.playstation.com:8443", false),
        ("https://ca.account.sony.com", "http://m.np.playstation.com", false),
        ("https://ca.account.sony.com", "https://127.0.0.1:8443", false),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443", true),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8444", false),
        ("https://127.0.0.1:8443", "https://localhost:8443", false),
        ("https://127.0.0.1:8443", "https://m.np.playstation.com", false),
    ])
    func `tokens stay with the server that issued them`(issuer: String, host: String, isTheirs: Bool) throws {
        let issuer = try #require(ServiceOrigin(issuer))
        #expect(issuer.issuesTokens(for: try #require(ServiceOrigin(host))) == isTheirs)
    }

    @Test(arguments: [
        ("https://127.0.0.1:1", true), ("http://127.255.0.9", true), ("https://LOCALHOST", true),
        ("https://[::1]:1", true),
        ("https://192.0.2.1", false), ("https://127.0.0.1.example", false), ("https://127.1", false),
        ("https://simulator.test", false), ("https://[::2]", false), ("https://127.0.0.256", false),
    ])
    func `a server on this machine is known by its address`(text: String, isLoopback: Bool) {
        #expect(ServiceOrigin(text)?.isLoopback == isLoopback)
    }

    @Test func `a host of another server is found in every setting`() throws {
        let origin = try #require(ServiceOrigin("https://192.0.2.1"))
        let all = try #require(ServiceHosts(origin: "https://192.0.2.1:443"))
        #expect(all.stranger(to: origin) == nil)
        #expect(ServiceHosts().stranger(to: .realService) == nil)
        #expect(ServiceHosts().stranger(to: origin) == "https://ca.account.sony.com")
        #expect(all.stranger(to: .realService) == "https://192.0.2.1")
        let paths: [WritableKeyPath<ServiceHosts, String>] = [
            \.authorization, \.mobile, \.web, \.pushLookup, \.legacyProfile, \.devices,
        ]
        for path in paths {
            var hosts = all
            hosts[keyPath: path] = "https://192.0.2.2"
            #expect(hosts.stranger(to: origin) == "https://192.0.2.2")
            hosts = ServiceHosts()
            hosts[keyPath: path] = "https://192.0.2.2"
            #expect(hosts.stranger(to: .realService) == "https://192.0.2.2")
        }
    }

    @Test func `the folder of an account is one name, whatever the host`() throws {
        let account = ServiceAccount(origin: try #require(ServiceOrigin("https://[::1]:8443")), accountID: alice)
        #expect(account.folderName == "1000000000000000001@[::1]:8443")
        let long = String(repeating: "a.", count: 120)
        let names = try ["b", "c"].map { end in
            ServiceAccount(origin: try #require(ServiceOrigin("https://\(long)\(end)")), accountID: alice).folderName
        }
        #expect(names[0] != names[1])
        #expect(names.allSatisfy { $0.utf8.count < 255 })
    }
}
