@testable import PartySimulator

/// A push connection without a socket.
struct PushProbe {
    let push: SimulatedPush
    private var outputs: AsyncStream<SimulatedPushOutput>.Iterator

    init(_ push: SimulatedPush) {
        self.push = push
        outputs = push.output.makeAsyncIterator()
    }

    mutating func next() async -> SimulatedPushOutput? { await outputs.next(isolation: #isolation) }

    mutating func frame() async -> JSONValue {
        guard case .text(let text) = await outputs.next(isolation: #isolation) else { return .null }
        return (try? JSONReader.read(text)) ?? .null
    }

    /// The data types of the frames up to a marker that this call sends.
    mutating func dataTypes(_ stage: Stage, of name: String) async -> [String] {
        await stage.service.push(.text(Array("\"marker\"".utf8)), to: name)
        var types: [String] = []
        while true {
            let frame = await frame()
            if frame == "marker" || frame == .null { return types }
            types.append(frame["dataType"]?.string?.replacingPrefix("psn:sessionManager:sys:") ?? "?")
        }
    }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String) -> String {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }
}

extension Stage {
    static func upgradeHeaders(_ token: String) -> [(String, String)] {
        [
            ("Authorization", "Bearer \(token)"), ("Sec-WebSocket-Protocol", "np-pushpacket"),
            ("X-PSN-PROTOCOL-VERSION", "3.0"), ("X-PSN-KEEP-ALIVE-STATUS-TYPE", "6"),
            ("X-PSN-APP-TYPE", "MOBILE_APP.PSAPP"), ("X-PSN-APP-VER", "1.0"), ("X-PSN-OS-VER", "12"),
            ("X-PSN-RECONNECTION", "false"),
        ]
    }

    static let serverAddress = "/np/serveraddr?version=3.0&keepAliveStatusType=6&fields=keepAliveStatus"

    static func authFrame(_ token: String, accountId: Int64) -> JSONValue {
        [
            "version": "3.0", "method": 1003, "tranId": "12", "accountId": .integer(accountId), "status": "active",
            "auth": ["accessToken": .string(token)],
        ]
    }

    func opening(_ headers: [(String, String)]) async -> PushOpening {
        await service.openPush(
            SimulatedRequest(
                method: "GET", target: "/np/pushNotification", headers: headers.map { (name: $0.0, value: $0.1) }))
    }

    /// An open and authenticated push connection.
    func listen(_ name: String, _ token: String) async -> PushProbe? {
        _ = await call("GET", Self.serverAddress, token)
        guard case .opened(let push) = await opening(Self.upgradeHeaders(token)) else { return nil }
        await push.received(Self.authFrame(token, accountId: Int64(service.account(name)?.accountId ?? "") ?? 0).bytes)
        var probe = PushProbe(push)
        if await service.scenario.clientFramesAnswered { _ = await probe.frame() }
        return probe
    }
}
