import PartyCore
import PartySimulator
import PartyTestSupport

/// Faults before the first stream is ready.
extension FaultMatrix {
    static let connecting: [FaultRow] = upgrades + lookUps + networks

    private static let upgrades: [FaultRow] = [
        .refused("upgrade answered with 302", FaultRow.upgrade, FaultRow.response(302), .ends(7)),
        .refused("upgrade answered with 400", FaultRow.upgrade, FaultRow.response(400), .ends(1)),
        .refused("upgrade answered with 401 once", FaultRow.upgrade, FaultRow.response(401), .reconnects),
        .refused("upgrade answered with 401 always", FaultRow.upgrade, FaultRow.response(401), times: nil, .ends(4)),
        .refused("upgrade answered with 403", FaultRow.upgrade, FaultRow.response(403), .ends(5)),
        .refused(
            "upgrade answered with 403 and advice to wait 120 to 1200 s", FaultRow.upgrade,
            FaultRow.response(403, FaultRow.advice), .reconnects, after: [.seconds(660)]),
        .refused(
            "upgrade answered with 404", FaultRow.upgrade, FaultRow.response(404), .reconnects, after: [.seconds(3)]),
        .refused(
            "upgrade answered with 404 always", FaultRow.upgrade, FaultRow.response(404), times: nil, .ends(7),
            after: [.seconds(3)]),
        .refused(
            "upgrade answered with 429", FaultRow.upgrade, FaultRow.response(429), .reconnects,
            after: [.seconds(3)]),
        .refused(
            "upgrade answered with 429 and `Retry-After: 90`", FaultRow.upgrade,
            FaultRow.response(429, [(name: "Retry-After", value: "90")]), .reconnects, after: [.seconds(90)]),
        .refused(
            "upgrade answered with 500", FaultRow.upgrade, FaultRow.response(500), .reconnects,
            after: [.seconds(3)]),
        .refused(
            "upgrade answered with 503 always", FaultRow.upgrade, FaultRow.response(503), times: nil, .ends(7),
            after: [.seconds(3)]),
        .refused(
            "upgrade answered with 503 and `Retry-After: 0`", FaultRow.upgrade,
            FaultRow.response(503, [(name: "Retry-After", value: "0")]), .reconnects, after: [.seconds(3)]),
        .refused(
            "upgrade answered with 403 and invalid advice to wait", FaultRow.upgrade,
            FaultRow.response(
                403,
                [(name: "X-PSN-RETRY-INTERVAL-MIN", value: "-1"), (name: "X-PSN-RETRY-INTERVAL-MAX", value: "1e9")]),
            .ends(5)),
        .struck("upgrade reset", FaultRow.upgrade, .reset, .reconnects, after: [.milliseconds(500)]),
        .struck(
            "upgrade accepted without our subprotocol", FaultRow.upgrade, .noSubprotocol, .ends(7),
            mount: .sockets(.valid)),
        .struck(
            "upgrade accepted with 15 kB of headers", FaultRow.upgrade, .bigHeaders(kilobytes: 15), .unharmed,
            mount: .sockets(.valid)),
        .struck(
            "status frame answered by a close with 1008 once", FaultRow.upgrade,
            .onReady([.close(code: 1008, reason: "auth.accessToken")], pongs: false), .reconnects,
            after: [.milliseconds(500)]),
        .struck(
            "status frame answered by a close with 1008 always", FaultRow.upgrade,
            .onReady([.close(code: 1008, reason: "auth.accessToken")], pongs: false), times: nil, .ends(4),
            after: [.milliseconds(500), .seconds(1)]),
        .struck(
            "stream cut right after the status frame", FaultRow.upgrade, .onReady([.cut], pongs: false), .reconnects,
            after: [.milliseconds(500)]),
        .behaving(
            "no pong and no byte from the start", .reconnects, after: [.seconds(2), .seconds(8)], action: .noPong,
            isLostMeanwhile: true
        ) { $0.clientFramesAnswered = false },
    ]

    private static let lookUps: [FaultRow] = [
        .refused("look-up answered with 401 once", FaultRow.lookUp, FaultRow.response(401), .reconnects),
        .refused("look-up answered with 401 always", FaultRow.lookUp, FaultRow.response(401), times: nil, .ends(4)),
        .refused(
            "look-up of version 3.0 answered with 400, that of 2.1 with 200", "\(FaultRow.lookUp)?version=3.0",
            FaultRow.response(400),
            .reconnects),
        .refused("look-up answered with 403 always", FaultRow.lookUp, FaultRow.response(403), times: nil, .ends(5)),
        .refused(
            "look-up answered with 403 and advice to wait 120 to 1200 s", FaultRow.lookUp,
            FaultRow.response(403, FaultRow.advice), .reconnects, after: [.seconds(660)]),
        .refused(
            "look-up answered with 403 and advice to wait 120 to 180 s in the body", FaultRow.lookUp,
            FaultRow.advising(403), .reconnects, after: [.seconds(150)]),
        .refused(
            "look-up answered with 503 and the same advice in the body", FaultRow.lookUp, FaultRow.advising(503),
            .reconnects,
            after: [.seconds(150)]),
        .behaving("look-up answered with keep-alive intervals of 0", .reconnects) {
            $0.keepAlive = .init(interval: 0, timeout: 0, serverTimeout: 0, presenceTimeout: 0)
        },
        .behaving("look-up answered with keep-alive intervals in seconds", .reconnects) {
            $0.keepAlive = .init(interval: 60, timeout: 30, serverTimeout: 180, presenceTimeout: 180)
        },
        .behaving("look-up answered with keep-alive intervals out of range", .reconnects) {
            $0.keepAlive = .init(
                interval: .init(integerLiteral: .max), timeout: .init(integerLiteral: .min), serverTimeout: -1,
                presenceTimeout: .init(integerLiteral: .max))
        },
        .behaving("status frame answered with a return code", .reconnects) { $0.statusReturnCode = 5 },
        .behaving("status frame not answered", .reconnects) { $0.clientFramesAnswered = false },
        .refused(
            "look-up answered with 429 and `Retry-After: 30`", FaultRow.lookUp,
            FaultRow.response(429, [(name: "Retry-After", value: "30")]), .reconnects, after: [.seconds(30)]),
        .refused(
            "look-up answered with 429 and `Retry-After: 90`", FaultRow.lookUp,
            FaultRow.response(429, [(name: "Retry-After", value: "90")]), .reconnects, after: [.seconds(90)]),
        .refused(
            "look-up answered with 500 once", FaultRow.lookUp, FaultRow.response(500), .reconnects,
            after: [.seconds(1)]),
        .refused(
            "look-up answered with 500 always", FaultRow.lookUp, FaultRow.response(500), times: nil, .ends(7),
            after: [.seconds(1), .seconds(2)]),
        .struck("look-up answered with a text that is not JSON", FaultRow.lookUp, .wrongJSON, .ends(7)),
        .refused("look-up answered with an empty body", FaultRow.lookUp, FaultRow.response(200), .ends(7)),
        .refused(
            "look-up answered without a host", FaultRow.lookUp, SimulatedResponse(status: 200, body: Array("{}".utf8)),
            .ends(7)),
        FaultRow(fault: "look-up names a host outside playstation.net", outcome: .ends(7)) { stage in
            stage.set("PSPARTY_SERVER", "")
            await stage.harness.signIn(0, server: "")
            let body = Array(#"{"fqdn":"push.example.net"}"#.utf8)
            let answer = Fault.Action.status(SimulatedResponse(status: 200, body: body))
            await stage.service.add(Fault(match: .init(path: FaultRow.lookUp), action: answer))
        },
    ]

    private static func error(_ kind: TransportError.Kind, _ phase: TransportError.Phase, _ detail: String)
        -> TransportError
    {
        TransportError(kind, phase, detail)
    }

    private static let networks: [FaultRow] = [
        .network(
            "no DNS for the look-up, three tries", requests: [TransportError](repeating: noName, count: 3), .ends(7),
            after: [.seconds(1), .seconds(2)]),
        .network(
            "no DNS for the look-up, once", requests: [noName], .reconnects, after: [.seconds(1)]),
        .network("no DNS for the push host", upgrades: [noName], .reconnects, after: [.milliseconds(500)]),
        .network(
            "push port refuses the connection", upgrades: [error(.unreachable, .connecting, "connection refused")],
            .reconnects, after: [.milliseconds(500)]),
        .network(
            "push host does not answer in time", upgrades: [error(.timedOut, .connecting, "no answer within 10 s")],
            .reconnects, after: [.milliseconds(500)]),
        FaultRow(fault: "certificate expired", mount: .sockets(.expired), outcome: .ends(7)) { _ in },
        FaultRow(fault: "certificate of another host", mount: .sockets(.wrongHost), outcome: .ends(7)) { _ in },
        FaultRow(fault: "certificate of an unknown authority", mount: .sockets(.otherCA), outcome: .ends(7)) { _ in },
        FaultRow(
            fault: "advice to wait, remembered from an earlier run", outcome: .reconnects, waits: [.seconds(100)]
        ) { stage in
            let until = stage.harness.world.clock.partyClock.now().advanced(by: .seconds(100)).milliseconds
            try? stage.harness.store().save(
                .retryAdvice.of(stage.harness.world.account(0)), Array(#"{"since":0,"until":\#(until)}"#.utf8))
        },
    ]

    private static let noName = error(.unresolved, .lookup, "no address for the host")
}
