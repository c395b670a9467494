import PartyCore
import Testing

struct PushAddressTests {
    private static func address(
        _ body: String, hosts: ServiceHosts = ServiceHosts()
    ) throws(PartyError) -> PushAddress {
        try PushAddress(Array(body.utf8), dialect: .current, hosts: hosts)
    }

    private static func keepAlive(_ fields: String) throws -> KeepAlive {
        try address(#"{"fqdn":"x.playstation.net"\#(fields)}"#).keepAlive
    }

    @Test func `the address of the page's answer`() throws {
        let address = try Self.address(
            #"{"fqdn":"192-0-2-10-pushcl.np.communication.playstation.net","keepAliveStatus":{"#
                + #""clientKeepAliveInterval":10000,"clientKeepAliveTimeout":5000,"serverKeepAliveTimeout":30000}}"#)
        #expect(address.url == "wss://192-0-2-10-pushcl.np.communication.playstation.net/np/pushNotification")
        #expect(address.dialect == .current)
        #expect(address.keepAlive == KeepAlive(pingInterval: .seconds(10), answerTimeout: .seconds(5)))
    }

    @Test(arguments: ["x.playstation.net", "a-1.b.playstation.net", "X.PlayStation.NET"])
    func `a host of the service gets the token`(_ host: String) throws {
        #expect(try Self.address(#"{"fqdn":"\#(host)"}"#).url == "wss://\(host)/np/pushNotification")
    }

    @Test(arguments: [
        "playstation.net.evil.example", "evil.example/.playstation.net", "a@b.playstation.net", "x.playstation.net.",
        "x.playstation.net:443", "playstation.net", ".playstation.net", "evilplaystation.net", "x.evilplaystation.net",
        "x..playstation.net", "evil.example#.playstation.net", "evil.example?.playstation.net",
        "evil.example:1.playstation.net",
        "evil.example\\\\.playstation.net", "x.playstation.net ", " x.playstation.net", "x_y.playstation.net",
        "x.playstation.net\\n", "x\\r\\nHost:y.playstation.net", "x.playstation.com", "192.0.2.1", "[::1]",
        "\u{212A}.playstation.net", "\u{130}.playstation.net", "x.playst\u{E4}tion.net", "x%2e.playstation.net",
    ])
    func `any other host gets none`(_ host: String) {
        let error = #expect(throws: PartyError.self) { try Self.address(#"{"fqdn":"\#(host)"}"#) }
        #expect(error?.kind == .protocolViolation)
        #expect(error?.message == "push look-up: the service names a host outside of playstation.net; it gets no token")
    }

    @Test(arguments: ["{}", #"{"fqdn":""}"#, #"{"fqdn":5}"#, #"{"fqdn":null}"#, "[]", "", "<html>", #"{"fqdn""#])
    func `an answer without a host is refused`(_ body: String) {
        let error = #expect(throws: PartyError.self) { try Self.address(body) }
        #expect(error?.kind == .protocolViolation)
        #expect(error?.step == "push look-up")
    }

    @Test func `a configured push host replaces the named one`() throws {
        let hosts = try #require(ServiceHosts(origin: "https://192.0.2.1:8443"))
        #expect(
            try Self.address(#"{"fqdn":"evil.example"}"#, hosts: hosts).url
                == "wss://192.0.2.1:8443/np/pushNotification")
    }

    private static func expect(
        _ figures: String, _ interval: Int64, _ timeout: Int64, _ presence: Int64, _ comment: Comment? = nil
    ) throws {
        let expected = KeepAlive(
            pingInterval: .milliseconds(interval), answerTimeout: .milliseconds(timeout),
            presenceTimeout: .milliseconds(presence))
        #expect(try keepAlive(figures) == expected, comment)
    }

    @Test(arguments: [
        ("", 30_000, 10_000, 30_000), (#","keepAliveStatus":{}"#, 30_000, 10_000, 30_000),
        (#","keepAliveStatus":5"#, 30_000, 10_000, 30_000), (#","keepAliveStatus":[60000]"#, 30_000, 10_000, 30_000),
        (#","keepAliveStatus":{"clientKeepAliveInterval":60000}"#, 30_000, 10_000, 30_000),
        (
            #","keepAliveStatus":{"clientKeepAliveInterval":10000,"clientKeepAliveTimeout":40000,"#
                + #""serverKeepAliveTimeout":30000,"serverPresenceTimeout":45000}"#, 10_000, 10_000, 45_000
        ),
        (
            #","keepAliveStatus":{"clientKeepAliveInterval":"2000","clientKeepAliveTimeout":"3000"}"#, 2000, 3000,
            30_000
        ),
        // We ping twice within the service's limit.
        (
            #","keepAliveStatus":{"clientKeepAliveInterval":60000,"serverKeepAliveTimeout":20000}"#, 10_000, 10_000,
            30_000
        ),
        (#","keepAliveStatus":{"clientKeepAliveInterval":60000,"serverKeepAliveTimeout":1000}"#, 1000, 10_000, 30_000),
    ])
    func `keepalive intervals are used within their limits`(
        _ fields: String, _ interval: Int64, _ timeout: Int64, _ presence: Int64
    ) throws {
        try Self.expect(fields, interval, timeout, presence)
    }

    @Test(arguments: [
        "0", "-5", "60", "999", "3600001", "60000000", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "99999999999999999999999", "1e9", "6e4", "60000.5", "true", "null", "{}", "[]",
        #""soon""#, #""""#, #""0""#, #""-60000""#, #""60000ms""#, #""9223372036854775807""#,
    ])
    func `an invalid interval is ignored`(_ figure: String) throws {
        let names = [
            "clientKeepAliveInterval", "clientKeepAliveTimeout", "serverKeepAliveTimeout", "serverPresenceTimeout",
        ]
        let each = names.map { #""\#($0)":\#(figure)"# }
        for fields in each + [each.joined(separator: ",")] {
            try Self.expect(#","keepAliveStatus":{\#(fields)}"#, 30_000, 10_000, 30_000, "\(fields)")
        }
    }

    @Test func `the upgrade has the headers of the page`() throws {
        let address = try Self.address(#"{"fqdn":"x.playstation.net"}"#)
        for (isReconnection, word) in [(false, "false"), (true, "true")] {
            let request = PushRequests.open(
                address, token: Redacted("jwt"), isReconnection: isReconnection, words: PushClientWords(),
                maximumFrame: 99)
            #expect(request.url == address.url)
            #expect(request.subprotocol == "np-pushpacket")
            #expect(request.maximumFrame == 99)
            #expect(
                request.headers == [
                    HeaderField("Authorization", secret: Redacted("Bearer jwt")),
                    HeaderField("X-PSN-PROTOCOL-VERSION", "3.0"),
                    HeaderField("X-PSN-KEEP-ALIVE-STATUS-TYPE", "6"), HeaderField("X-PSN-APP-TYPE", "MOBILE_APP.PSAPP"),
                    HeaderField("X-PSN-APP-VER", "26.1.0"), HeaderField("X-PSN-OS-VER", "16"),
                    HeaderField("X-PSN-RECONNECTION", word),
                ])
        }
    }

    @Test func `version 2.1 sends its own headers`() throws {
        let body = Array(#"{"fqdn":"x.playstation.net"}"#.utf8)
        let address = try PushAddress(body, dialect: .older, hosts: ServiceHosts())
        let request = PushRequests.open(
            address, token: Redacted("jwt"), isReconnection: false, words: PushClientWords(), maximumFrame: 1)
        #expect(request.headers[1] == HeaderField("X-PSN-PROTOCOL-VERSION", "2.1"))
        #expect(request.headers[2] == HeaderField("X-PSN-KEEP-ALIVE-STATUS-TYPE", "3"))
        #expect(!address.dialect.hasClientFrames)
        #expect(PushDialect.current.hasClientFrames)
    }

    @Test(arguments: [("", "", ""), ("A.B", "1", "2")])
    func `the client's headers are configurable`(_ type: String, _ version: String, _ system: String) throws {
        var words = PushClientWords()
        (words.appType, words.appVersion, words.osVersion) = (type, version, system)
        let request = PushRequests.open(
            try Self.address(#"{"fqdn":"x.playstation.net"}"#), token: Redacted("jwt"), isReconnection: false,
            words: words,
            maximumFrame: 1)
        #expect(request.headers[3...5].map { $0.revealedValue() } == [type, version, system])
    }
}
