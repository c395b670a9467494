import Foundation
import PartyCore
import PartyLive
import PartySimulator
import PartyTestSupport
import Testing

extension TransportTests {
    /// Trust and proxies of the real network.
    struct LiveTrustTests {
        @Test(arguments: [LoopbackServer.TLS.expired, .wrongHost, .otherCA])
        func `an invalid certificate ends REST and push before a token is sent`(
            tls: LoopbackServer.TLS
        ) async throws {
            try await TransportStage.run(.live, tls: tls) { stage in
                for error in [try await stage.failure(stage.get()), try await stage.failure(stage.push())] {
                    #expect(error.kind == .tls)
                    #expect(error.phase == .handshake)
                    #expect(!error.detail.isEmpty)
                    #expect(!error.mayHaveArrived)
                }
                #expect(await stage.service.requests().isEmpty)
            }
        }

        @Test func `without the CA file the simulator's CA is not trusted`() async throws {
            try await TransportStage.run { stage in
                let bare = TransportStage.live(nil)
                let rest = try await transportError { _ = try await bare.send(stage.get()) }
                let push = try await transportError { _ = try await bare.openPush(stage.push()) }
                #expect(rest.kind == .tls)
                #expect(push.kind == .tls)
                // Trust for one client must not apply to another.
                _ = try await stage.openPush()
                let again = try await transportError { _ = try await bare.openPush(stage.push()) }
                #expect(again.kind == .tls)
            }
        }

        @Test func `a missing or invalid CA file is an error before a request is sent`() async throws {
            let scratch = try ScratchFolder()
            let sent = Tape<UInt8>()
            let silent = try LoopbackListener { descriptor, _ in
                var byte: UInt8 = 0
                if unsafe read(descriptor, &byte, 1) > 0 { sent.append(byte) }
            }
            defer { silent.stop() }
            for file in [scratch("missing.pem"), try scratch.write("no certificate", to: "none.pem")] {
                let transport = TransportStage.live(file)
                let rest = try await transportError {
                    _ = try await transport.send(RESTRequest(.get, "https://127.0.0.1:\(silent.port)/"))
                }
                let push = try await transportError {
                    let url = "wss://127.0.0.1:\(silent.port)/"
                    _ = try await transport.openPush(PushRequest(url: url, headers: [], subprotocol: "x"))
                }
                for error in [rest, push] {
                    #expect(error.kind == .tls)
                    #expect(error.phase == .preparing)
                    #expect(error.detail.contains(file))
                }
            }
            // The port of a stopped simulator may be probed, so that the error names it.
            #expect(sent.all.isEmpty)
        }

        @Test func `a bundle beside hashed certificates is used for REST and push`() async throws {
            try await TransportStage.run { stage in
                let scratch = try ScratchFolder()
                _ = try scratch.folder("certs")
                let ca = try String(contentsOfFile: try #require(stage.caFile), encoding: .utf8)
                // A name like that of a hashed certificate.
                try scratch.write("", to: "certs/0123abcd.0")
                let file = try scratch.write(ca, to: "certs/ca-certificates.crt")
                for variables in [["SSL_CERT_FILE": file], ["SSL_CERT_DIR": scratch("certs"), "SSL_CERT_FILE": file]] {
                    let network = TransportStage.live(nil, variables)
                    #expect(
                        try await within(.seconds(20), "the answer") {
                            try await network.send(stage.get(TransportStage.lookup))
                        }.status == 200)
                    let push = OpenPush(
                        try await within(.seconds(20), "the upgrade") {
                            try await network.openPush(stage.push())
                        })
                    await stage.service.push(.text(ContractTests.event), to: "A")
                    #expect(try await push.next() == .frame(ContractTests.event))
                    push.connection.close(1000, "")
                    #expect(try await push.closure() == .local)
                }
            }
        }

        @Test(arguments: ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
        func `a proxy of the environment carries REST and push`(variable: String) async throws {
            let proxy = try ConnectProxy()
            defer { proxy.stop() }
            try await TransportStage.run(environment: [variable: proxy.address(user: "user:pass%20word")]) { stage in
                let push = try await stage.openPush()
                await stage.service.push(.text(ContractTests.event), to: "A")
                #expect(try await push.next() == .frame(ContractTests.event))
                let requests = proxy.requests
                #expect(requests.count == 2)
                for request in requests {
                    #expect(request.hasPrefix("CONNECT \(stage.authority) HTTP/1."))
                    #expect(request.lowercased().contains("proxy-authorization: basic "))
                    #expect(request.contains("dXNlcjpwYXNzIHdvcmQ="))
                    #expect(!request.contains(stage.token))
                }
            }
        }

        @Test(arguments: [("no_proxy", "127.0.0.1"), ("NO_PROXY", "example.org, 127.0.0.0/8"), ("NO_PROXY", "*")])
        func `exempt hosts are reached without the proxy`(variable: String, list: String) async throws {
            let proxy = try ConnectProxy()
            defer { proxy.stop() }
            try await TransportStage.run(environment: ["https_proxy": proxy.address(), variable: list]) { stage in
                _ = try await stage.openPush()
                #expect(proxy.connections == 0)
            }
        }

        @Test func `a proxy that refuses is named in the error`() async throws {
            let proxy = try ConnectProxy(status: 403)
            defer { proxy.stop() }
            try await TransportStage.run(environment: ["https_proxy": proxy.address()]) { stage in
                for error in [try await stage.failure(stage.get()), try await stage.failure(stage.push())] {
                    #expect(error.kind == .refusedByProxy)
                    #expect(!error.mayHaveArrived)
                }
            }
        }

        @Test func `the proxy for plain text is not used for TLS`() async throws {
            let proxy = try ConnectProxy()
            defer { proxy.stop() }
            try await TransportStage.run(environment: ["http_proxy": proxy.address()]) { stage in
                _ = try await stage.openPush()
                #expect(proxy.connections == 0)
            }
        }
    }
}
