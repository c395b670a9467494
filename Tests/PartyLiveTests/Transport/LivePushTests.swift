import PartySimulator
import PartyTestSupport
import Testing

@testable import PartyCore
@testable import PartyLive

extension TransportTests {
    /// Push over the real network, on loopback; most tests are about known defects of libwebsockets 4.1.
    struct LivePushTests {
        static let event = ContractTests.event

        /// libwebsockets replaces some of these by 1002, but keeps the reason.
        @Test(arguments: [1012, 1013, 1014]) func `close codes of a restart arrive with their reason`(
            code: UInt16
        ) async throws {
            try await TransportStage.run { stage in
                let push = try await stage.openPush()
                await stage.service.push(.close(code: Int(code), reason: "later"), to: "A")
                let closure = try await push.closure()
                #expect([.peer(code: code, reason: "later"), .peer(code: 1002, reason: "later")].contains(closure))
            }
        }

        @Test func `a close frame without a code is reported without one`() async throws {
            try await TransportStage.run { stage in
                let push = try await stage.openPush()
                await stage.service.push(.bytes([0x88, 0x00]), to: "A")
                #expect(try await push.closure() == .peer(code: nil, reason: ""))
            }
        }

        @Test(arguments: [65535, 0, 999, 1005, 1006]) func `a close frame with an invalid code is a lost connection`(
            code: Int
        ) async throws {
            try await TransportStage.run { stage in
                let push = try await stage.openPush()
                await stage.service.push(.text(Self.event), to: "A")
                await stage.service.push(.close(code: code, reason: ""), to: "A")
                #expect(try await push.next() == .frame(Self.event))
                let closure = try await push.closure()
                #expect(closure != nil && closure != .local)
                // The next connection works.
                let again = try await stage.openPush()
                await stage.service.push(.text(Self.event), to: "A")
                #expect(try await again.next() == .frame(Self.event))
            }
        }

        @Test(arguments: 1...7) func `fragments with pings between them make one frame`(pieces: Int) async throws {
            try await TransportStage.run { stage in
                let push = try await stage.openPush()
                for size in [0, 1, 7, 125, 126, 4096, 65535, 65536, 200_000] {
                    let message = (0..<size).map { UInt8(truncatingIfNeeded: 0x20 + $0 % 0x5F) }
                    await stage.service.push(.fragmented(message, pieces: pieces), to: "A")
                    let isSame = try await push.next() == .frame(message)
                    #expect(isSame, "\(size) bytes")
                }
            }
        }

        @Test func `an incomplete message is reported as a sign of life`() async throws {
            try await TransportStage.run { stage in
                let push = try await stage.openPush()
                // libwebsockets reports nothing before 64 kB have arrived.
                await stage.service.push(.bytes([0x81, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]), to: "A")
                let sent = Tape<Void>()
                try await eventually(.seconds(20), "a sign of life") {
                    if sent.count < 60_000 {
                        await stage.service.push(.bytes([0x78]), to: "A")
                        sent.append(())
                    }
                    return push.signs.count > 1
                }
                await stage.service.push(.bytes([UInt8](repeating: 0x78, count: 65536 - sent.count)), to: "A")
                let isWhole = try await push.next() == .frame([UInt8](repeating: 0x78, count: 65536))
                #expect(isWhole)
            }
        }

        @Test func `numbers of 64 bits arrive byte for byte`() async throws {
            try await TransportStage.run { stage in
                let push = try await stage.openPush()
                for number in [
                    "9007199254740993", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
                ] {
                    let message = Array("{ \"n\" :\(number),\"t\":\"ü\\u0000\" }\n".utf8)
                    await stage.service.push(.text(message), to: "A")
                    #expect(try await push.next() == .frame(message))
                }
            }
        }

        /// With permessage-deflate negotiated, either makes libwebsockets 4.1 loop forever.
        @Test func `pongs with a payload, solicited or not, do no harm`() async throws {
            try await TransportStage.run { stage in
                let push = try await stage.openPush()
                for payload in [[], Array("payload".utf8), [UInt8](repeating: 0xFF, count: 125)] {
                    await stage.service.push(.pong(payload), to: "A")
                    await stage.service.push(.ping(payload), to: "A")
                    await stage.service.push(.text(Self.event), to: "A")
                    #expect(try await push.next(2) == [.pong, .frame(Self.event)])
                }
                let upgrade = try #require(await stage.service.requests().last)
                #expect(!upgrade.headers.contains { $0.name.lowercased() == "sec-websocket-extensions" })
            }
        }

        @Test(arguments: [1, 6, 12, 15]) func `a response to the upgrade may have many headers`(
            kilobytes: Int
        ) async throws {
            try await TransportStage.run { stage in
                await stage.fault("/np/pushNotification", .bigHeaders(kilobytes: kilobytes))
                let push = try await stage.openPush()
                await stage.service.push(.text(Self.event), to: "A")
                #expect(try await push.next() == .frame(Self.event))
            }
        }

        @Test(arguments: [17, 64, 500]) func `too many headers are a malformed response`(kilobytes: Int) async throws {
            try await TransportStage.run { stage in
                _ = try await stage.send(stage.get(TransportStage.lookup))
                await stage.fault("/np/pushNotification", .bigHeaders(kilobytes: kilobytes))
                let error = try await stage.failure(stage.push())
                #expect(error.kind == .malformed, "\(error)")
                #expect(error.phase == .exchange)
            }
        }

        @Test func `a response without our subprotocol is refused`() async throws {
            try await TransportStage.run { stage in
                _ = try await stage.send(stage.get(TransportStage.lookup))
                await stage.fault("/np/pushNotification", .noSubprotocol)
                let error = try await stage.failure(stage.push())
                #expect(error.kind == .malformed)
                #expect(error.detail.contains("subprotocol"))
            }
        }

        /// If we followed it, the bearer token would go to the host that it names.
        @Test(arguments: [301, 302, 303, 307, 308]) func `a redirect is not followed`(status: Int) async throws {
            try await TransportStage.run { stage in
                let elsewhere = try LoopbackListener.silent()
                defer { elsewhere.stop() }
                let location = "https://127.0.0.1:\(elsewhere.port)/np/pushNotification"
                let redirect = SimulatedResponse(status: status, headers: [(name: "Location", value: location)])
                for path in ["/np/pushNotification", TransportStage.account] {
                    await stage.fault(path, .status(redirect))
                }
                let error = try await stage.failure(stage.push(timeout: .seconds(2)))
                guard case .refused(let response) = error.kind else {
                    Issue.record("\(error)")
                    return
                }
                #expect(response.status == status)
                #expect(response.header("Location") == location)
                #expect(try await stage.send(stage.get()).status == status)
                #expect(elsewhere.connections == 0)
            }
        }

        @Test func `two concurrent connections keep their data apart`() async throws {
            try await TransportStage.run { stage in
                let other = try #require(await stage.service.mintTokens(accountId: "B")).access
                let second = TransportStage(
                    service: stage.service, transport: stage.transport, authority: stage.authority,
                    caFile: stage.caFile, token: other)
                let pushes = [try await stage.openPush(), try await second.openPush()]
                for (name, size) in [("A", 300), ("B", 400)] {
                    await stage.service.push(.burst(PushBurst(count: 200, size: size)), to: name)
                }
                for (push, size) in zip(pushes, [300, 400]) {
                    let sizes = try await push.next(200).map { arrival in
                        if case .frame(let bytes) = arrival { bytes.count } else { 0 }
                    }
                    #expect(sizes == [Int](repeating: size, count: 200))
                }
            }
        }

        /// Twenty megabytes, and the test reads nothing before the socket has stopped reading.
        @Test func `unread data stops the socket from reading more`() async throws {
            try await TransportStage.run { stage in
                let push = try await stage.openPush()
                let (count, size) = (2000, 10_000)
                await stage.service.push(.burst(PushBurst(count: count, size: size)), to: "A")
                var (seen, untaken) = (0, 0)
                while seen < count {
                    let arrival = try #require(try await push.next())
                    guard case .frame(let bytes) = arrival else { continue }
                    #expect(bytes.count == size)
                    seen += 1
                    untaken += bytes.count
                    // More than the window arrives only if the socket is read further.
                    if untaken > ReceiveWindow.limit || seen == count {
                        push.connection.taken(untaken)
                        untaken = 0
                    }
                }
                push.connection.ping()
                #expect(try await push.next() == .pong)
            }
        }

        @Test func `a silent server meets the deadline of its phase`() async throws {
            try await TransportStage.run { stage in
                let silent = try LoopbackListener.silent()
                defer { silent.stop() }
                var request = stage.push(timeout: .milliseconds(300))
                request.url = "wss://127.0.0.1:\(silent.port)/"
                let handshake = try await stage.failure(request)
                #expect(handshake.kind == .timedOut)
                #expect(handshake.phase == .handshake)
                await stage.fault("/np/pushNotification", .drop)
                let upgrade = try await stage.failure(stage.push(timeout: .milliseconds(300)))
                #expect(upgrade.kind == .timedOut)
                #expect(upgrade.phase == .exchange)
                let deaf = try DeafPort()
                request.url = "wss://127.0.0.1:\(deaf.port)/"
                let connecting = try await stage.failure(request)
                #expect(connecting.kind == .timedOut)
                #expect(connecting.phase == .connecting)
            }
        }

        @Test func `push in plain text to this machine works`() async throws {
            try await TransportStage.run(.live, tls: .plain) { stage in
                var lookup = stage.get(TransportStage.lookup)
                lookup.url = "http" + lookup.url.dropFirst(5)
                _ = try await stage.send(lookup)
                var request = stage.push()
                request.url = "ws" + request.url.dropFirst(3)
                let push = OpenPush(try await stage.open(request))
                await stage.service.push(.text(Self.event), to: "A")
                #expect(try await push.next() == .frame(Self.event))
            }
        }
    }
}
