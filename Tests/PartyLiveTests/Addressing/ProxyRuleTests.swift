import Testing

@testable import PartyCore
@testable import PartyLive

struct ProxyRuleTests {
    private func proxy(_ url: String, _ environment: [String: String]) throws -> String? {
        try ProxyRule.proxy(for: try TargetURL(url), environment)?.address.reveal()
    }

    @Test(arguments: [
        (["HTTPS_PROXY": "http://p:1"], "http://p:1"),
        (["https_proxy": "http://low:1", "HTTPS_PROXY": "http://high:1"], "http://low:1"),
        (["https_proxy": "", "HTTPS_PROXY": "http://high:1"], "http://high:1"),
        (["ALL_PROXY": "socks5h://p:9", "HTTPS_PROXY": "p:1"], "http://p:1"),
        (["ALL_PROXY": "socks5h://p"], "socks5h://p:1080"),
        (["HTTPS_PROXY": "https://p"], "https://p:443"),
        (["HTTPS_PROXY": "http://me:s%40t@p:8/"], "http://me:s%40t@p:8"),
        (["HTTPS_PROXY": "http://[::1]:8"], "http://[::1]:8"),
    ])
    func `the variable of the scheme comes first, lower case before capitals`(
        environment: [String: String], expected: String
    ) throws {
        #expect(try proxy("https://example.org/", environment) == expected)
        #expect(try proxy("wss://example.org/", environment) == expected)
    }

    @Test(arguments: [[:], ["http_proxy": "http://p:1"], ["HTTP_PROXY": "http://p:1"], ["HTTPS_PROXY": ""]])
    func `empty and unrelated variables mean no proxy`(environment: [String: String]) throws {
        #expect(try proxy("https://example.org/", environment) == nil)
    }

    @Test func `plain text goes through no proxy on another machine`() throws {
        #expect(try proxy("http://127.0.0.1/", ["http_proxy": "http://p:1"]) == nil)
        #expect(try proxy("http://127.0.0.1/", ["HTTP_PROXY": "http://127.0.0.1:1"]) == nil)
        #expect(try proxy("ws://localhost/", ["http_proxy": "http://127.0.0.1:1"]) == "http://127.0.0.1:1")
    }

    @Test func `public data may go through any proxy of its scheme`() throws {
        let rule = { (url: String, environment: [String: String]) in
            try ProxyRule.proxy(for: try TargetURL(url), environment, mayBePlain: true)?.address.reveal()
        }
        #expect(try rule("http://issuer.example/", ["http_proxy": "http://p:1"]) == "http://p:1")
        #expect(try rule("http://issuer.example/", ["https_proxy": "http://p:1"]) == nil)
        #expect(try rule("http://issuer.example/", ["http_proxy": "http://p:1", "no_proxy": "example"]) == nil)
    }

    @Test(arguments: ["::bad::", "ftp://p:1", "http://", "http://p:0", "http://p:x", "http://a b:1"])
    func `an invalid proxy address is an error that does not show the address`(text: String) throws {
        let error = try #require(throws: TransportError.self) { try proxy("https://h/", ["HTTPS_PROXY": text]) }
        #expect(error.kind == .unusable)
        #expect(!error.detail.contains(text))
    }

    @Test(arguments: [
        ("*", "a.example.org", true), ("example.org", "a.example.org", true), (".example.org", "a.example.org", true),
        (".example.org", "example.org", true), ("Example.ORG.", "a.example.org", true),
        ("ample.org", "example.org", false), ("other.test, example.org", "example.org", true),
        ("other.test example.org", "example.org", true), ("a.example.org", "example.org", false),
        ("", "example.org", false), (",", "example.org", false), ("*.example.org", "a.example.org", true),
        ("*.example.org", "example.org", false), ("other.test,*", "example.org", true),
        ("example.org:443", "example.org", true), ("example.org:8443", "example.org", false),
        (".example.org:443", "a.example.org", true), ("[::1]:443", "[::1]", true), ("[::1]:80", "[::1]", false),
        ("192.0.2.1:443", "192.0.2.1", true), ("example.org\n", "example.org", true),
        ("127.0.0.1", "127.0.0.1", true), ("127.0.0.0/8", "127.9.9.9", true), ("192.0.2.0/25", "192.0.2.128", false),
        ("192.0.2.0/25", "192.0.2.127", true), ("127.0.0.1/33", "127.0.0.1", false), ("192.0.2.1", "192.0.2.11", false),
        ("[::1]", "[::1]", true), ("fe80::/10", "[febf::1]", true), ("fe80::/10", "[fec0::1]", false),
    ])
    func `NO_PROXY accepts suffixes, networks and *`(list: String, host: String, isExempt: Bool) throws {
        let environment = ["HTTPS_PROXY": "http://p:1", "NO_PROXY": list]
        #expect((try proxy("https://\(host)/", environment) == nil) == isExempt)
    }

    @Test func `credentials never print`() throws {
        let proxy = try #require(Proxy("http://me:secret@p:8"))
        #expect(!"\(proxy)".contains("secret"))
        #expect(proxy.host == "p")
    }

    /// After one decoding the result is what the user meant, even if the user encoded nothing.
    @Test(arguments: [
        ("user", "user"), ("me:50%off", "me:50%25off"), ("me:s%40t", "me:s%40t"), ("me:a@b", "me:a%40b"),
        ("me:a:b", "me:a%3Ab"), ("a%2541:p%25w", "a%2541:p%25w"), ("u:%", "u:%25"), ("u:%4", "u:%254"), (":p", ":p"),
        ("m%C3%BC:p", "m%C3%BC:p"), ("u:p+q~", "u:p%2Bq~"),
    ])
    func `credentials are percent-encoded in one form`(written: String, form: String) throws {
        #expect(try #require(Proxy("http://\(written)@p:8")).address.reveal() == "http://\(form)@p:8")
    }
}
