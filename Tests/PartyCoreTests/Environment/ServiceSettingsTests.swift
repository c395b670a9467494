import PartyCore
import Testing

struct ServiceSettingsTests {
    @Test(arguments: [
        ("https://192.0.2.1:8443", "https://192.0.2.1:8443", "wss://192.0.2.1:8443"),
        ("HTTP://localhost:80/", "http://localhost:80", "ws://localhost:80"),
        ("https://[::1]:1", "https://[::1]:1", "wss://[::1]:1"),
    ])
    func `one origin replaces every host`(_ origin: String, _ base: String, _ push: String) throws {
        let hosts = try #require(ServiceHosts(origin: origin))
        let all = [hosts.authorization, hosts.mobile, hosts.web, hosts.pushLookup, hosts.legacyProfile, hosts.devices]
        #expect(Set(all) == [base])
        #expect(hosts.push == push)
    }

    @Test(arguments: [
        "", "https://", "https:///", "192.0.2.1", "ftp://x", "wss://x", "https://x/y", "https://x//", "https://x?y",
        "https://x#y",
        "https://a@x", "https://x\\y", "https://x y", "https://x\n", "https://\u{E9}", "://x",
    ])
    func `other texts are not accepted as origin`(_ origin: String) {
        #expect(ServiceHosts(origin: origin) == nil)
    }

    @Test func `without an OAuth client there is no sign-in`() throws {
        var settings = ServiceSettings()
        let error = #expect(throws: PartyError.self) { try settings.requiredOAuthClient() }
        #expect(error?.kind == .configuration)
        #expect(error?.remedy == .configureClient && error?.hint == nil)
        settings.oauthClient = OAuthClient(id: "client", secret: Redacted("s"))
        #expect(try settings.requiredOAuthClient().id == "client")
    }
}
