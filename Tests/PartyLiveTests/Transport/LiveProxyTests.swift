import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

extension TransportTests {
    /// REST and push go through the same proxies, by the same rules.
    struct LiveProxyTests {
        private static let long = String(repeating: "u", count: 80)

        /// Sends a request, then opens a push connection and waits for an event.
        private func expectPassage(_ variable: String, _ address: String) async throws {
            try await TransportStage.run(environment: [variable: address]) { stage in
                let push = try await stage.openPush()
                await stage.service.push(.text(ContractTests.event), to: "A")
                #expect(try await push.next() == .frame(ContractTests.event))
                push.connection.close(1000, "")
                #expect(try await push.closure() == .local)
            }
        }

        @Test(arguments: [
            ("user", "user:"), ("us%2541er:p%2525w", "us%41er:p%25w"), ("me:50%off", "me:50%off"), ("me:a@b", "me:a@b"),
            ("me:a:b", "me:a:b"), ("m%C3%BC:p", "mü:p"), ("\(long):\(long)\(long)", "\(long):\(long)\(long)"),
        ])
        func `credentials arrive as the user wrote them`(written: String, meant: String) async throws {
            let proxy = try ConnectProxy(credentials: meant)
            defer { proxy.stop() }
            try await expectPassage("https_proxy", proxy.address(user: written))
            #expect(proxy.requests.count == 2)
        }

        @Test(arguments: [
            "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 204 No Content", "HTTP/1.1 299 Whatever",
            "HTTP/1.0 200 OK\r\nVia: 1.1 p\r\nContent-Length: 0",
            "HTTP/1.1 200 OK\r\nX: \(String(repeating: "a", count: 6000))",
        ])
        func `every 2xx status opens the tunnel`(reply: String) async throws {
            let proxy = try ConnectProxy(reply: reply)
            defer { proxy.stop() }
            try await expectPassage("https_proxy", proxy.address())
        }

        @Test(arguments: ["socks4", "socks4a", "socks5", "socks5h"])
        func `a SOCKS proxy carries REST and push`(scheme: String) async throws {
            let proxy = try SocksProxy()
            defer { proxy.stop() }
            try await expectPassage("all_proxy", proxy.address(scheme))
            #expect(proxy.asked == ["127.0.0.1", "127.0.0.1"])
        }

        @Test func `a SOCKS proxy gets user and password, and a wrong password is an error`() async throws {
            let proxy = try SocksProxy(credentials: ("me", "p%w"))
            defer { proxy.stop() }
            try await expectPassage("https_proxy", proxy.address("socks5h", user: "me:p%25w"))
            try await TransportStage.run(environment: ["https_proxy": proxy.address("socks5h", user: "me:secret")]) {
                stage in
                for error in [try await stage.failure(stage.get()), try await stage.failure(stage.push())] {
                    #expect(error.kind == .refusedByProxy)
                    #expect(error.detail.hasPrefix("the proxy 127.0.0.1:"))
                    #expect(!error.detail.contains("secret"))
                }
            }
        }

        @Test(arguments: [nil, "me:secret"]) func `a proxy that requires a password is an error with a hint`(
            user: String?
        )
            async throws
        {
            let proxy = try ConnectProxy(credentials: "a:b")
            defer { proxy.stop() }
            try await TransportStage.run(environment: ["https_proxy": proxy.address(user: user)]) { stage in
                for error in [try await stage.failure(stage.get()), try await stage.failure(stage.push())] {
                    #expect(error.kind == .refusedByProxy)
                    #expect(!error.mayHaveArrived)
                    #expect(error.detail.contains("user name and password") && error.detail.contains("HTTP 407"))
                    #expect(!error.detail.contains("secret"))
                }
            }
            #expect(!proxy.requests.joined().lowercased().contains("bearer"))
        }

        @Test(arguments: ["SSH-2.0-OpenSSH", "HTTP/1.1 502 Bad", "HTTP/1.1 302 Found\r\nLocation: /"])
        func `a proxy that refuses the tunnel is named in the error`(reply: String) async throws {
            let proxy = try ConnectProxy(reply: reply)
            defer { proxy.stop() }
            try await TransportStage.run(environment: ["https_proxy": proxy.address()]) { stage in
                for error in [try await stage.failure(stage.get()), try await stage.failure(stage.push())] {
                    #expect(error.kind == .unreachable)
                    #expect(error.phase == .connecting)
                    #expect(error.detail.hasPrefix("the proxy 127.0.0.1:"))
                }
            }
        }

        @Test(arguments: ["http", "https", "socks5h"])
        func `a silent proxy meets the deadline and can be cancelled`(scheme: String) async throws {
            let silent = try LoopbackListener.silent()
            defer { silent.stop() }
            let network = TransportStage.live(nil, ["https_proxy": "\(scheme)://127.0.0.1:\(silent.port)"])
            let request = PushRequest(
                url: "wss://service.example/", headers: [], subprotocol: "x", timeout: .milliseconds(300))
            let error = try await transportError { _ = try await network.openPush(request) }
            #expect(error.kind == .timedOut)
            #expect(!error.mayHaveArrived)
            let task = Task { () async -> TransportError? in
                do throws(TransportError) {
                    _ = try await network.openPush(PushRequest(url: request.url, headers: [], subprotocol: "x"))
                    return nil
                } catch { return error }
            }
            try await silent.connection(2)
            task.cancel()
            let end = try await within(.seconds(5), "the end of a cancelled task") { await task.value }
            #expect(end?.kind == .cancelled)
        }

        /// The certificate is checked for the server's name, not the proxy's.
        @Test func `behind a proxy the server's certificate is checked`() async throws {
            let proxy = try ConnectProxy()
            defer { proxy.stop() }
            for tls in [LoopbackServer.TLS.wrongHost, .expired] {
                try await TransportStage.run(.live, tls: tls, environment: ["https_proxy": proxy.address()]) { stage in
                    let error = try await stage.failure(stage.push())
                    #expect(error.kind == .tls)
                    #expect(error.phase == .handshake)
                    #expect(await stage.service.requests().isEmpty)
                }
            }
        }

        @Test func `a proxy also carries plain text to this machine`() async throws {
            let proxy = try ConnectProxy()
            defer { proxy.stop() }
            try await TransportStage.run(.live, tls: .plain, environment: ["all_proxy": proxy.address()]) { stage in
                _ = await stage.service.respond(
                    to: SimulatedRequest(
                        method: "GET", target: TransportStage.lookup,
                        headers: [("Authorization", "Bearer \(stage.token)")]))
                var request = stage.push()
                request.url = "ws" + request.url.dropFirst(3)
                let push = OpenPush(try await stage.open(request))
                await stage.service.push(.text(ContractTests.event), to: "A")
                #expect(try await push.next() == .frame(ContractTests.event))
                #expect(proxy.requests.count == 1)
            }
        }
    }

    /// Requests that may go to public addresses only.
    struct LiveReachTests {
        private func request(_ host: String, _ port: UInt16) -> RESTRequest {
            var request = RESTRequest(.get, "http://\(host):\(port)/", timeout: .seconds(5))
            request.mayBePlain = true
            request.reach = .publicAddresses
            return request
        }

        @Test(arguments: [
            "127.0.0.1", "localhost", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::]",
            "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        ])
        func `every spelling of a private address is refused`(host: String) async throws {
            let silent = try LoopbackListener.silent()
            defer { silent.stop() }
            let network = TransportStage.live(nil)
            let error = try await transportError { [self] in _ = try await network.send(request(host, silent.port)) }
            #expect(error.kind == .insecure, "\(error)")
            #expect(error.detail.contains("no public address"))
            #expect(silent.connections == 0)
        }

        @Test func `an existing connection is not reused`() async throws {
            let site = try PlainSite(["/": .bytes([0x41])])
            defer { site.stop() }
            let network = TransportStage.live(nil)
            let address = site.address("/")
            #expect(try await network.send(RESTRequest(.get, address)).status == 200)
            var again = RESTRequest(.get, address)
            again.reach = .publicAddresses
            let request = again
            #expect(try await transportError { _ = try await network.send(request) }.kind == .insecure)
            #expect(site.requests.count == 1)
        }

        @Test func `through a proxy only public host names are requested`() async throws {
            let site = try PlainSite(["http://issuer.example:81/": .bytes([0x41])])
            defer { site.stop() }
            let network = TransportStage.live(nil, ["http_proxy": site.address("")])
            #expect(try await network.send(request("issuer.example", 81)).status == 200)
            for host in ["localhost", "192.0.2.1", "printer", "printer.local", "127.1", "[::1]"] {
                let error = try await transportError { [self] in _ = try await network.send(request(host, 81)) }
                #expect(error.kind == .insecure, "\(host)")
            }
            #expect(site.requests.count == 1)
        }

        @Test(arguments: ChainStage.Kind.allCases)
        func `with fetchesIssuers off no certificate is fetched`(kind: ChainStage.Kind) async throws {
            try await ChainStage.run { chain in
                chain.site.put(.bytes(try chain.issuer()), at: ChainStage.path)
                var settings = ServiceSettings()
                settings.fetchesIssuers = false
                let network = PartyEnvironment(
                    settings: settings, transport: chain.stage.transport, store: MemoryStore(), clock: .live,
                    random: .counting()
                ).transport
                let error = try await chain.failure(kind, network)
                #expect(error.kind == .tls)
                #expect(error.missingIssuer?.addresses == [chain.site.address(ChainStage.path)])
                #expect(chain.site.requests.isEmpty)
            }
        }
    }
}
