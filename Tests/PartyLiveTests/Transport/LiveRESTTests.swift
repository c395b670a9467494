import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

extension TransportTests {
    /// REST over the real network, on loopback.
    struct LiveRESTTests {
        @Test func `a gzip response is decompressed`() async throws {
            var scenario = Scenario()
            scenario.accounts = 20
            var bodies: [[UInt8]] = []
            for gzip in [true, false] {
                scenario.gzip = gzip
                try await TransportStage.run(.live, scenario) { stage in
                    let ids = stage.service.accounts.map(\.accountId).joined(separator: ",")
                    let response = try await stage.send(
                        stage.get("/api/userProfile/v1/internal/users/profiles?accountIds=\(ids)"))
                    #expect(response.header("Content-Encoding") == (gzip ? "gzip" : nil))
                    bodies.append(response.body)
                }
            }
            #expect(bodies[0] == bodies[1])
            #expect(bodies[0].count > 1024)
        }

        @Test func `consecutive requests share a connection`() async throws {
            try await TransportStage.run { stage in
                let port = try #require(stage.authority.split(separator: ":").last.flatMap { UInt16($0) })
                let forwarder = try LoopbackListener.forwarding { _ in port }
                defer { forwarder.stop() }
                for _ in 0..<5 {
                    var request = stage.get()
                    request.url = "https://127.0.0.1:\(forwarder.port)\(TransportStage.account)"
                    #expect(try await stage.send(request).status == 200)
                }
                #expect(forwarder.connections == 1)
            }
        }

        @Test func `twenty concurrent requests each get their own response`() async throws {
            var scenario = Scenario()
            scenario.accounts = 20
            try await TransportStage.run(.live, scenario) { stage in
                let answers = try await withThrowingTaskGroup(of: (String, String).self) { group in
                    for account in stage.service.accounts {
                        let token = await stage.service.mintTokens(accountId: account.accountId)?.access ?? ""
                        group.addTask {
                            var request = stage.get()
                            request.headers = [HeaderField("Authorization", "Bearer \(token)")]
                            let body = try await stage.send(request).body
                            return (account.accountId, String(decoding: body, as: UTF8.self))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.count == 20)
                for (account, body) in answers { #expect(body == "{\"accountId\":\"\(account)\"}") }
            }
        }

        @Test func `a port without a listener and an unknown host have their own errors`() async throws {
            let transport = TransportStage.live(nil)
            let listener = try LoopbackListener.silent()
            listener.stop()
            let refused = try await transportError {
                _ = try await transport.send(RESTRequest(.get, "https://127.0.0.1:\(listener.port)/"))
            }
            #expect(refused.kind == .unreachable)
            #expect(refused.mayHaveArrived == false)
            let unknown = try await transportError {
                _ = try await transport.send(RESTRequest(.get, "https://nowhere.invalid/", timeout: .seconds(5)))
            }
            #expect([.unresolved, .timedOut].contains(unknown.kind))
            #expect(unknown.mayHaveArrived == false)
        }

        @Test func `a server that is silent during TLS meets the connection deadline`() async throws {
            let listener = try LoopbackListener.silent()
            defer { listener.stop() }
            let error = try await transportError {
                _ = try await TransportStage.live(nil).send(
                    RESTRequest(
                        .get, "https://127.0.0.1:\(listener.port)/", connectTimeout: .milliseconds(200),
                        timeout: .seconds(20)))
            }
            #expect(error.kind == .timedOut)
            #expect(error.mayHaveArrived == false)
        }

        @Test(arguments: ["http://192.0.2.1/", "http://playstation.example/", "http://127.0.0.1.example/"])
        func `plain text to another machine is refused before anything is sent`(url: String) async throws {
            let listener = try LoopbackListener.silent()
            defer { listener.stop() }
            let proxy = "http://127.0.0.1:\(listener.port)"
            let transport = TransportStage.live(nil, ["http_proxy": proxy, "https_proxy": proxy, "all_proxy": proxy])
            let rest = try await transportError { _ = try await transport.send(RESTRequest(.get, url)) }
            #expect(rest.kind == .insecure)
            #expect(rest.phase == .preparing)
            let push = try await transportError {
                _ = try await transport.openPush(
                    PushRequest(url: "ws" + url.dropFirst(4), headers: [], subprotocol: "np-pushpacket"))
            }
            #expect(push.kind == .insecure)
            #expect(push.phase == .preparing)
            #expect(listener.connections == 0)
        }

        @Test func `plain text to this machine works`() async throws {
            try await TransportStage.run(.live, tls: .plain) { stage in
                var request = stage.get()
                request.url = "http" + request.url.dropFirst(5)
                let response = try await stage.send(request)
                #expect(response.status == 200)
            }
        }
    }
}
