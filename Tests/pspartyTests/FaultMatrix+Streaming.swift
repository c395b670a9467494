import PartyCore
import PartySimulator
import PartyTestSupport

/// Faults of a stream that is ready. A party is renamed during each outage and must be read back as state.
extension FaultMatrix {
    static let streaming: [FaultRow] = closes + wire + frames + gaps + keepAlives + tokens + returns

    private static let closes: [FaultRow] =
        [1000, 1001, 1002, 1008, 1011, 1012, 1013, 1014, 3000, 4001, 65535].map { code in
            .sent("close with \(code)", [.close(code: code, reason: "so")], .reconnects)
        } + [.sent("close without a code", [.bytes([0x88, 0x00])], .reconnects)]

    private static let text: [UInt8] = Array(#"{"method":3001}"#.utf8)

    private static let wire: [FaultRow] = [
        .sent("connection ends without a close", [.cut], .reconnects),
        .sent("reset (RST)", [.reset], .reconnects),
        .sent("connection ends within a frame", [.torn(FaultStage.frame("torn"))], .reconnects),
        .sent("reset (RST) within a frame", [.bytes([0x81, 0x7D] + text), .reset], .reconnects),
        .sent("bytes that are not a frame", [.bytes([UInt8](repeating: 0xFF, count: 64))], .reconnects),
        .sent("frame with a reserved opcode", [.bytes([0x83, 0x02] + Array("{}".utf8))], .reconnects),
        .sent("frame with the bit of deflate (RSV1)", [.bytes([0xC1, 0x02] + Array("{}".utf8))], .reconnects),
        .sent("frame with RSV2 and RSV3", [.bytes([0xB1, 0x02] + Array("{}".utf8))], .reconnects),
        .sent(
            "masked frame from the server", [.bytes(framed(FaultStage.frame("life"), mask: [1, 2, 3, 4]))], .unharmed),
        .sent("control frame over 125 bytes", [.bytes([0x89, 0x7E, 0x00, 0x80] + text)], .reconnects),
    ]

    private static let frames: [FaultRow] = [
        .sent(
            "message over `--max-frame`", [.burst(PushBurst(count: 1, size: 1_100_000))], .unharmed,
            lost: "that message, which is reported"),
        .sent(
            "message that is not UTF-8", [.text([0x7B, 0xC3, 0x28, 0x7D])], .unharmed,
            lost: "that message, which is reported"),
        .sent(
            "message that is not JSON", [.text(Array(#"{"method":3001,"#.utf8))], .unharmed,
            lost: "that message, which is reported"),
        .sent("empty message", [.text([])], .unharmed, lost: "that message, which is reported"),
        .sent("message of an unknown method", [.text(Array(#"{"method":9}"#.utf8))], .unharmed),
        .sent(
            "answer to the status frame with a return code, three times",
            [.text(refusal), .text(refusal), .text(refusal)], .unharmed),
        .sent(
            "answer to a keep-alive frame with intervals of 0",
            [
                .text(
                    Array(
                        (#"{"method":1007,"returnCode":0,"keepAliveStatus":{"clientKeepAliveInterval":0,"#
                            + #""clientKeepAliveTimeout":0}}"#).utf8))
            ], .unharmed),
        .sent("unsolicited pong with a payload", [.pong(Array("payload".utf8))], .unharmed),
        .sent(
            "message in 7 fragments, a ping between each two", [.fragmented(FaultStage.frame("life"), pieces: 7)],
            .unharmed),
        .sent(
            "two messages in one TLS record",
            [.bytes(framed(FaultStage.frame("life")) + framed(FaultStage.frame("life")))],
            .unharmed),
        .sent(
            "ping in a flood of messages",
            [.burst(PushBurst(count: 300, size: 300, dataType: FaultStage.life)), .ping(Array("now".utf8))], .unharmed),
    ]

    private static let refusal = Array(#"{"method":1003,"tranId":"1","returnCode":9,"retryInterval":30}"#.utf8)

    /// Incomplete events: a comparison with the service gives the rest.
    private static let gaps: [FaultRow] = [
        FaultRow(fault: "setting changed, event without the value", lost: nil, outcome: .unharmed) { stage in
            await stage.service.reconfigure { $0.updatesWithoutValue = true }
            try await stage.resize()
            try await stage.passToComparison()
        },
        FaultRow(fault: "member joined without an event", lost: nil, outcome: .unharmed) { stage in
            await stage.service.reconfigure { $0.joinsUntold = true }
            try await stage.joinFriend()
            try await stage.passToComparison()
        },
        FaultRow(fault: "event of a party that is not ours", lost: nil, outcome: .unharmed) { stage in
            let frame =
                #"{"method":3001,"dataType":"psn:sessionManager:sys:v2:ps:owner:updated","#
                + #""body":{"data":{"sessionId":"99999999-2222-4333-8444-555555555555"}}}"#
            for _ in 0..<3 { await stage.service.push(.text(Array(frame.utf8)), to: "A") }
            try await stage.passToComparison()
            await stage.service.push(.text(Array(frame.utf8)), to: "A")
        },
    ]

    /// Sizes with a WebSocket length of one byte and of two.
    private static func framed(_ message: [UInt8], mask: [UInt8] = []) -> [UInt8] {
        let bit: UInt8 = mask.isEmpty ? 0 : 0x80
        let length =
            message.count < 126
            ? [bit | UInt8(message.count)] : [bit | 0x7E, UInt8(message.count >> 8), UInt8(message.count & 0xFF)]
        let payload = mask.isEmpty ? message : message.enumerated().map { $1 ^ mask[$0 % mask.count] }
        return [0x81] + length + mask + payload
    }

    /// A service that answers no ping on its first connection.
    private static var mute: Scenario {
        var scenario = Scenario()
        scenario.clientFramesAnswered = false
        scenario.faults = [Fault(match: .init(path: FaultRow.upgrade), action: .noPong)]
        return scenario
    }

    /// A consumer does not read until the next ping is due, while events arrive.
    private static func stuck(
        _ fault: String, _ taker: StuckTaker.Kind? = nil, begin: @escaping @Sendable (FaultStage) -> Void = { _ in },
        end: @escaping @Sendable (FaultStage) -> Void
    ) -> FaultRow {
        FaultRow(fault: fault, taker: taker, outcome: .unharmed) { stage in
            begin(stage)
            let burst = PushBurst(count: taker == .program ? 5 : 500, size: 1000, dataType: FaultStage.life)
            await stage.service.push(.burst(burst), to: "A")
            await stage.pass(.seconds(28))
            // The pong is still read.
            await stage.pass(.seconds(10))
            await stage.sleeper(dueIn: .seconds(20))
            end(stage)
        }
    }

    private static let keepAlives: [FaultRow] = [
        FaultRow(fault: "service streams but answers no ping", scenario: mute, outcome: .unharmed) { stage in
            await stage.pass(.seconds(7))
            for _ in 0..<3 {
                try await stage.beat()
                await stage.pass(.seconds(20))
                // A ping waits for its answer: any byte counts as one.
                await stage.sleeper(dueIn: .seconds(10))
                try await stage.beat()
                await stage.pass(.seconds(10))
            }
        },
        FaultRow(fault: "pong 9 s late", scenario: mute, outcome: .unharmed) { stage in
            await stage.pass(.seconds(7))
            await stage.pass(.seconds(20))
            await stage.sleeper(dueIn: .seconds(10))
            stage.clock.advance(by: .seconds(9))
            await stage.service.push(.pong([]), to: "A")
            try await stage.beat()
            await stage.pass(.seconds(1))
            await stage.sleeper(dueIn: .seconds(20))
        },
        FaultRow(
            fault: "no pong and no byte", scenario: mute, outcome: .reconnects,
            waits: [.seconds(7), .seconds(20), .seconds(10)]
        ) { _ in },
        FaultRow(
            fault: "connection half open: no byte arrives", mount: .sockets(.valid), outcome: .reconnects,
            waits: [.seconds(28), .seconds(10)]
        ) { stage in stage.silencePush() },
        FaultRow(fault: "machine slept 9 min, the socket still works", outcome: .unharmed) { stage in
            stage.clock.advance(by: .seconds(540))
            try await stage.beat()
        },
        FaultRow(
            fault: "machine slept 9 min, the socket is dead", mount: .sockets(.valid), outcome: .reconnects,
            waits: [.seconds(5)]
        ) { stage in
            stage.silencePush()
            stage.clock.advance(by: .seconds(540))
        },
        stuck("reader does not read for 30 s", begin: { $0.harness.holdOutput() }, end: { $0.harness.letOutputGo() }),
        stuck("program of `--exec` does not read for 30 s", .program, end: { $0.taker?.letGo() }),
        stuck("disk of `--record` blocks for 30 s", .disk, end: { $0.taker?.letGo() }),
    ]

    /// Tokens that live for 20 s: they are refreshed 15.2 s after the sign-in.
    private static var shortLived: Scenario {
        var scenario = Scenario()
        scenario.accessTokenLife = 20
        return scenario
    }

    private static let tokens: [FaultRow] = [
        FaultRow(fault: "token about to expire", scenario: shortLived, outcome: .unharmed) { stage in
            await stage.passToRenewal()
            try await stage.sees("stream.token-renewed")
        },
        FaultRow(fault: "token about to expire, no network for its renewal", scenario: shortLived, outcome: .unharmed) {
            stage in
            stage.trouble.fail(requests: [TransportError(.unreachable, .connecting, "no route")])
            await stage.passToRenewal()
            await stage.sleeper(dueIn: .milliseconds(14_800))
            // A failed refresh is repeated 30 s later on this clock, not before.
            let trouble = stage.trouble
            try await eventually(.seconds(20), "the failed renewal") { trouble.isOver }
            for _ in 0..<3 { try await stage.beat() }
            // The refresh is repeated 30 s later; a ping is answered until then.
            await stage.pass(.milliseconds(14_800))
            await stage.sleeper(dueIn: .seconds(10))
            try await stage.beat()
            await stage.pass(.seconds(10))
            await stage.pass(.milliseconds(5200))
            try await stage.sees("stream.token-renewed")
        },
        FaultRow(fault: "token about to expire, refresh token revoked", scenario: shortLived, outcome: .unharmed) {
            stage in
            await stage.service.killRefreshTokens()
            await stage.passToRenewal()
            try await stage.complains("could not be renewed")
        },
        FaultRow(
            fault: "refresh token revoked, then stream cut", scenario: shortLived, outcome: .ends(4)
        ) { stage in
            await stage.service.killRefreshTokens()
            await stage.passToRenewal()
            try await stage.complains("could not be renewed")
            await stage.service.push(.cut, to: "A")
        },
        FaultRow(
            fault: "profile signed in as another account, then cut", outcome: .ends(4)
        ) { stage in
            // Another process does it; the output of this one stays.
            let world = stage.harness.world
            let other = PartyClient(world.environment(store: stage.harness.store()))
            _ = try await other.signIn(npsso: Redacted(world.service.accounts[1].npsso))
            await stage.service.push(.cut, to: "A")
        },
    ]

    /// The first attempts to reconnect fail too.
    private static let returns: [FaultRow] = [
        back(
            "cut, then no DNS", [TransportError](repeating: noName, count: 3), [.seconds(1), .seconds(2), .seconds(1)]),
        FaultRow(
            fault: "cut, then an upgrade answered with 403 and advice to wait 120 to 1200 s", outcome: .reconnects,
            waits: [.seconds(660)]
        ) { stage in
            await stage.service.add(
                Fault(match: .init(path: FaultRow.upgrade), action: .status(FaultRow.response(403, FaultRow.advice))))
            await stage.service.push(.cut, to: "A")
        },
        FaultRow(
            fault: "cut, then a look-up answered with 403 and advice to wait 120 to 180 s in the body",
            outcome: .reconnects, waits: [.seconds(150)]
        ) { stage in
            await stage.service.add(
                Fault(match: .init(path: FaultRow.lookUp), action: .status(FaultRow.advising(403))))
            await stage.service.push(.cut, to: "A")
        },
        FaultRow(
            fault: "cut, then three upgrades answered with 503", outcome: .reconnects,
            waits: [.seconds(3), .seconds(150), .seconds(300)]
        ) { stage in
            await stage.service.add(
                Fault(match: .init(path: FaultRow.upgrade, times: 3), action: .status(FaultRow.response(503))))
            await stage.service.push(.cut, to: "A")
        },
        FaultRow(
            fault: "cut, then an upgrade answered with 404", outcome: .reconnects,
            waits: [.seconds(3)]
        ) { stage in
            await stage.service.add(
                Fault(match: .init(path: FaultRow.upgrade), action: .status(FaultRow.response(404))))
            await stage.service.push(.cut, to: "A")
        },
        FaultRow(
            fault: "cut, then a certificate that is not trusted", outcome: .reconnects,
            waits: [.seconds(1)]
        ) { stage in
            stage.trouble.fail(upgrades: [TransportError(.tls, .handshake, "certificate has expired")])
            await stage.service.push(.cut, to: "A")
        },
        FaultRow(
            fault: "cut twice, the second time right after the status frame", outcome: .reconnects,
            waits: [.seconds(1)]
        ) { stage in
            await stage.service.add(
                Fault(match: .init(path: FaultRow.upgrade), action: .onReady([.cut], pongs: false)))
            await stage.service.push(.cut, to: "A")
        },
    ]

    private static let noName = TransportError(.unresolved, .lookup, "no address for the host")

    private static func back(_ fault: String, _ requests: [TransportError], _ waits: [Duration]) -> FaultRow {
        FaultRow(fault: fault, outcome: .reconnects, waits: waits) { stage in
            stage.trouble.fail(requests: requests)
            await stage.service.push(.cut, to: "A")
        }
    }
}
