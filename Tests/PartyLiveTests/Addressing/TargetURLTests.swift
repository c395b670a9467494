import Testing

@testable import PartyCore
@testable import PartyLive

struct TargetURLTests {
    @Test func `a URL is parsed into scheme, host, port and target`() throws {
        let plain = try TargetURL("HTTPS://Example.org")
        #expect((plain.scheme, plain.host, plain.port, plain.path) == (.https, "example.org", 443, "/"))
        #expect(plain.hostHeader == "example.org")
        let full = try TargetURL("wss://h-1.example.org:8443/a/b?c=d%20e")
        #expect((full.host, full.port, full.path) == ("h-1.example.org", 8443, "/a/b?c=d%20e"))
        #expect(full.hostHeader == "h-1.example.org:8443")
        #expect(try TargetURL("https://h?q").path == "/?q")
        #expect(try TargetURL("https://[::1]:8/").hostHeader == "[::1]:8")
    }

    @Test(arguments: [
        "", "https", "https:/h", "https://", "https:///p", "ftp://h/", "https://u@h/", "https://u:p@h/", "https://h:/",
        "https://h:0/", "https://h:65536/", "https://h:+1/", "https://h\\@i/", "https://h/#f", "https://h /",
        "https://h/\r\nX: y", "https://[::1/", "https://[h]/", "https://::1/", "https://ex%61mple.org/", "https://é/",
    ])
    func `an ambiguous URL is refused`(text: String) throws {
        let error = try #require(throws: TransportError.self) { try TargetURL(text) }
        #expect(error.kind == .unusable)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.9", true), ("localhost", true), ("LOCALHOST", true), ("[::1]", true),
        ("198.51.100.1", false), ("127.1", false), ("0.0.0.0", false), ("[::]", false), ("[::ffff:127.0.0.1]", false),
        ("127.0.0.1.example.org", false), ("localhost.example.org", false), ("0177.0.0.1", false), ("192.0.2.1", false),
    ])
    func `plain text is allowed on loopback only`(host: String, isAllowed: Bool) throws {
        for scheme in ["http", "ws"] {
            let target = try TargetURL("\(scheme)://\(host)/")
            if isAllowed {
                try target.requireSafety()
            } else {
                let error = try #require(throws: TransportError.self) { try target.requireSafety() }
                #expect(error.kind == .insecure)
            }
        }
        try TargetURL("https://\(host)/").requireSafety()
    }
}
