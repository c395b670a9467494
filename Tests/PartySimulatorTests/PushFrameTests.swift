import Testing

@testable import PartySimulator

/// Frames of clients on their push connections, and the responses.
struct PushFrameTests {
    private static let account: Int64 = 1_000_000_000_000_000_001

    /// An open connection that has sent nothing yet.
    private static func open(
        _ dialect: String = "3.0/6", _ change: (inout Scenario) -> Void = { _ in }
    ) async throws -> (stage: Stage, token: String, probe: PushProbe) {
        let stage = Stage(change)
        let token = await stage.token("A")
        let parts = dialect.split(separator: "/").map(String.init)
        let target = "/np/serveraddr?version=\(parts[0])&keepAliveStatusType=\(parts[1])&fields=keepAliveStatus"
        #expect(await stage.call("GET", target, token).status == 200)
        let headers = Stage.upgradeHeaders(token).map {
            ($0.0, $0.1 == "3.0" ? parts[0] : $0.1 == "6" ? parts[1] : $0.1)
        }
        guard case .opened(let push) = await stage.opening(headers) else {
            throw ScenarioError(description: "refused")
        }
        return (stage, token, PushProbe(push))
    }

    private static func keepAlive(_ type: JSONValue) -> JSONValue {
        ["version": "3.0", "method": 1007, "tranId": "7", "keepAliveStatusType": type]
    }

    @Test(arguments: ["3.0/6", "3.0/3", "2.1/3"])
    func `events flow without a client frame, in the version of the connection`(dialect: String) async throws {
        var (stage, token, probe) = try await Self.open(dialect)
        _ = await stage.create(token)
        for _ in 0..<2 { #expect(await probe.frame()["version"]?.string == String(dialect.prefix(3))) }
        await stage.service.push(.burst(PushBurst(count: 1, size: 200)), to: "A")
        guard case .burst(let burst) = await probe.next() else { return }
        #expect(burst.version == String(dialect.prefix(3)))
    }

    @Test func `the scenario makes events on 3.0 wait for the status frame, on 2.1 not`() async throws {
        let newer = try await Self.open { $0.statusFrameNeeded = true }
        #expect(await newer.stage.service.push(.text([]), to: "A") == 0)
        await newer.probe.push.received(Stage.authFrame(newer.token, accountId: Self.account).bytes)
        #expect(await newer.stage.service.push(.text([]), to: "A") == 1)
        let older = try await Self.open("2.1/3") { $0.statusFrameNeeded = true }
        #expect(await older.stage.service.push(.text([]), to: "A") == 1)
    }

    @Test func `a status frame gets a response with its number`() async throws {
        var (_, token, probe) = try await Self.open()
        await probe.push.received(Stage.authFrame(token, accountId: Self.account).bytes)
        #expect(await probe.frame() == ["version": "3.0", "method": 1003, "tranId": "12", "returnCode": 0])
    }

    static let wrong: [(String, JSONValue)] = [
        ("version", "2.1"), ("tranId", 12), ("accountId", "1000000000000000001"),
        ("accountId", 1_000_000_000_000_000_000), ("status", "idle"), ("auth", ["accessToken": "strange"]),
    ]

    @Test(arguments: wrong)
    func `a status frame with one error is refused, and the connection stays`(
        key: String, value: JSONValue
    ) async throws {
        var (stage, token, probe) = try await Self.open()
        let frame = StrictnessTests.change(Stage.authFrame(token, accountId: Self.account), key, value)
        await probe.push.received(frame.bytes)
        #expect(await probe.frame()["returnCode"]?.integer == 1)
        #expect(await stage.service.push(.text([]), to: "A") == 1)
    }

    @Test(arguments: wrong + [("method", 1004)])
    func `with checked frames the connection is closed with 1008`(key: String, value: JSONValue) async throws {
        var (_, token, probe) = try await Self.open { $0.clientFramesChecked = true }
        let frame = StrictnessTests.change(Stage.authFrame(token, accountId: Self.account), key, value)
        await probe.push.received(frame.bytes)
        let reason = key == "auth" ? "auth.accessToken" : key
        #expect(await probe.next() == .close(code: 1008, reason: reason))
    }

    @Test func `a change of the type gets its intervals and shows in the state`() async throws {
        var (stage, _, probe) = try await Self.open()
        for (type, figures) in [(3, [10000, 40000, 30000, 30000]), (6, [60000, 60000, 180_000, 180_000])]
            as [(Int64, [Int64])]
        {
            await probe.push.received(Self.keepAlive(.integer(type)).bytes)
            let answer = await probe.frame()
            #expect(answer["method"]?.integer == 1007)
            #expect(answer["tranId"]?.string == "7")
            #expect(answer["returnCode"]?.integer == 0)
            #expect(answer["keepAliveStatus"]?.object?.compactMap(\.value.integer) == figures)
            let state = await stage.call("GET", "/_sim/state").json
            #expect(state["sockets"]?.array?.first?["keepAliveStatusType"]?.string == String(type))
        }
        let frames = await stage.call("GET", "/_sim/frames").json.array
        #expect(frames?.count == 2)
        #expect(frames?.first?["text"]?.string?.contains("\"method\":1007") == true)
        _ = await stage.call("POST", "/_sim/requests/clear")
        #expect(await stage.service.frames().isEmpty)
    }

    @Test(arguments: ["3", 4, .null] as [JSONValue])
    func `an unknown type is refused`(type: JSONValue) async throws {
        var (stage, _, probe) = try await Self.open()
        await probe.push.received(Self.keepAlive(type).bytes)
        let answer = await probe.frame()
        #expect(answer["returnCode"]?.integer == 1)
        #expect(answer["keepAliveStatus"] == nil)
        #expect(await stage.call("GET", "/_sim/state").json["sockets"]?.array?.first?["keepAliveStatusType"] == "6")
    }

    @Test func `the scenario sets the contents of the responses`() async throws {
        let text = #"""
            {"statusReturnCode":5,"keepAliveReturnCode":"no","answerRetryInterval":-1,
             "keepAlive":{"clientKeepAliveInterval":-7},"keepAliveVoiceChat":{"serverPresenceTimeout":"soon"}}
            """#
        let scenario = try Scenario(json: Array(text.utf8))
        var (stage, token, probe) = try await Self.open { $0 = scenario }
        await probe.push.received(Stage.authFrame(token, accountId: Self.account).bytes)
        let status = await probe.frame()
        #expect(status["returnCode"]?.integer == 5)
        #expect(status["retryInterval"]?.integer == -1)
        await probe.push.received(Self.keepAlive(3).bytes)
        let type = await probe.frame()
        #expect(type["returnCode"]?.string == "no")
        #expect(type["keepAliveStatus"] == nil)
        await stage.service.reconfigure { $0.keepAliveReturnCode = 0 }
        await probe.push.received(Self.keepAlive(3).bytes)
        #expect(await probe.frame()["keepAliveStatus"]?["serverPresenceTimeout"]?.string == "soon")
        let idle = await stage.call("GET", Stage.serverAddress, token).json["keepAliveStatus"]
        #expect(idle?["clientKeepAliveInterval"]?.integer == -7)
        #expect(idle?["clientKeepAliveTimeout"]?.integer == 60000)
        await stage.service.reconfigure { $0.clientFramesAnswered = false }
        await probe.push.received(Self.keepAlive(3).bytes)
        await stage.service.push(.ping([1]), to: "A")
        #expect(await probe.next() == .ping([1]))
    }

    @Test func `a look-up can be refused with advice in the body`() async throws {
        let scenario = try Scenario(json: Array(#"{"lookUpRefusal":{"status":503,"retryIntervalMax":"x"}}"#.utf8))
        let stage = Stage { $0 = scenario }
        let answer = await stage.call("GET", Stage.serverAddress, await stage.token("A"))
        #expect(answer.status == 503)
        #expect(answer.json["error"]?["retryIntervalMin"]?.integer == 120)
        #expect(answer.json["error"]?["retryIntervalMax"]?.string == "x")
        #expect(throws: ScenarioError.self) { try Scenario(json: Array(#"{"lookUpRefusal":{"status":200}}"#.utf8)) }
    }

    @Test(arguments: [("true", 29_999, true), ("true", 30_000, false), ("false", 0, false)])
    func `a membership is kept if the client reconnects in time and declares it`(
        word: String, after: Int64, isKept: Bool
    ) async throws {
        let stage = Stage {
            $0.membershipOnReconnect = .keptInTime
            $0.keepAlive = .type3
        }
        let token = await stage.token("A")
        let first = try #require(await stage.listen("A", token))
        let id = await stage.create(token)
        await first.push.ended()
        stage.clock.advance(by: after)
        let headers = Stage.upgradeHeaders(token).map { ($0.0, $0.0 == "X-PSN-RECONNECTION" ? word : $0.1) }
        guard case .opened = await stage.opening(headers) else {
            Issue.record("refused")
            return
        }
        #expect(await stage.show(id, token).status == (isKept ? 200 : 404))
    }

    @Test func `the upgrade uses the type of the look-up`() async throws {
        let stage = Stage()
        let token = await stage.token("A")
        _ = await stage.call("GET", Stage.serverAddress, token)
        let headers = Stage.upgradeHeaders(token).map { ($0.0, $0.1 == "6" ? "3" : $0.1) }
        guard case .refused(let answer) = await stage.opening(headers) else {
            Issue.record("opened")
            return
        }
        #expect(answer.message == "Bad Request (header: X-PSN-KEEP-ALIVE-STATUS-TYPE)")
    }
}
