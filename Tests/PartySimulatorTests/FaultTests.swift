import Testing

@testable import PartySimulator

struct FaultTests {
    static let devices = "/api/v1/devices/accounts/me"

    static func arm(_ stage: Stage, _ fault: JSONValue) async {
        let answer = await stage.call("POST", "/_sim/faults", nil, fault)
        #expect(answer.status == 200, "\(answer.json.text)")
    }

    static func fault(_ action: JSONValue, _ match: JSONValue = ["path": "/api/"]) -> JSONValue {
        ["match": match, "action": action]
    }

    @Test func `a status fault has headers and body, and applies once`() async {
        let stage = Stage()
        let token = await stage.token("A")
        await Self.arm(
            stage,
            Self.fault(["kind": "status", "status": 429, "headers": ["Retry-After": "7"], "body": ["error": "slow"]]))
        let struck = await stage.call("GET", Self.devices, token)
        #expect(struck.status == 429)
        #expect(struck.header("Retry-After") == "7")
        #expect(struck.json["error"]?.string == "slow")
        #expect(await stage.call("GET", Self.devices, token).status == 200)
    }

    @Test func `skip and times count the requests that match`() async {
        let stage = Stage()
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        await Self.arm(
            stage,
            Self.fault(
                ["kind": "status", "status": 503],
                ["method": "GET", "path": "devices", "account": "A", "skip": 1, "times": 2]))
        var statuses: [Int] = []
        for token in [a, b, a, b, a, a] { statuses.append(await stage.call("GET", Self.devices, token).status) }
        #expect(statuses == [200, 200, 503, 200, 503, 200])
    }

    @Test(arguments: [
        ("/partySessions", "no request begins with"), ("/members/me", "no request begins with"),
        ("/v2/partySessions", "no request begins with"), ("/userProfile/v1/internal", "no request begins with"),
        ("partySesions", "no known request contains"), ("/np/pushNotifications", "no known request contains"),
        ("/", nil), ("/api/", nil), ("/api/sessionManager/v2/party", nil), ("partySessions", nil),
        ("/api/sessionManager/v2/partySessions?view=v3", nil), ("/np/serveraddr?", nil), ("view=v3", nil),
        ("/np/pushNotification", nil), ("/api/cpss/v1/partyInfo/-x", nil), ("v2/partySessions/11/members", nil),
    ])
    func `a path that no request can match is reported`(path: String, note: String?) async {
        let stage = Stage()
        let armed = await stage.call(
            "POST", "/_sim/faults", nil, Self.fault(["kind": "drop"], ["path": .string(path)]))
        #expect(armed.status == 200)
        let told = armed.json["notes"]?.array?.first?.string
        #expect(told?.hasPrefix(note ?? "?") == (note == nil ? nil : true), "\(told ?? "nothing")")
        let scenario = #"{"faults":[{"match":{"path":"\#(path)"},"action":{"kind":"drop"}}]}"#
        #expect((try? Scenario(json: Array(scenario.utf8)))?.notes == (told.map { [$0] } ?? []))
    }

    @Test func `a path without its leading part matches too`() async {
        let stage = Stage()
        let token = await stage.token("A")
        await Self.arm(stage, Self.fault(["kind": "status", "status": 503], ["path": "/accounts/me"]))
        #expect(await stage.call("GET", Self.devices, token).status == 503)
    }

    @Test func `times 0 applies until the fault is removed`() async {
        let stage = Stage()
        let token = await stage.token("A")
        await Self.arm(stage, Self.fault(["kind": "status", "status": 500], ["times": 0]))
        for _ in 0..<3 { #expect(await stage.call("GET", Self.devices, token).status == 500) }
        #expect(await stage.call("DELETE", "/_sim/faults").json["faults"]?.integer == 0)
        #expect(await stage.call("GET", Self.devices, token).status == 200)
    }

    @Test func `a response can be dropped, reset, truncated, corrupted or delayed`() async {
        let stage = Stage()
        let token = await stage.token("A")
        let kinds = ["drop", "reset", "truncated", "wrongJSON", "delay"]
        await Self.arm(
            stage,
            .array(kinds.map { Self.fault(["kind": .string($0), "delayMs": $0 == "delay" ? 250 : 0]) }))
        var seen: [String] = []
        for _ in kinds {
            switch await stage.reply("GET", Self.devices, token) {
            case .drop: seen.append("drop")
            case .reset: seen.append("reset")
            case .truncated(let response, let count): seen.append("\(response.status) \(count)")
            case .answer(let response): seen.append(response.json == .null ? "spoilt" : "whole")
            case .delayed(let milliseconds, _): seen.append("\(milliseconds) ms")
            }
        }
        #expect(seen == ["drop", "reset", "200 10", "spoilt", "250 ms"])
    }

    @Test func `a lost response can leave its change applied`() async throws {
        for isProcessed in [true, false] {
            let stage = Stage()
            let token = await stage.token("A")
            await Self.arm(stage, Self.fault(["kind": "drop", "processed": .bool(isProcessed)]))
            _ = await stage.reply("POST", Stage.sessions, token, Stage.creation(), headers: Stage.profanity)
            let state = await stage.call("GET", "/_sim/state")
            #expect(state.json["parties"]?.array?.count == (isProcessed ? 1 : 0))
        }
    }

    @Test func `tokens expire and memberships are lost before the request is looked at`() async {
        let stage = Stage()
        let token = await stage.token("A")
        let id = await stage.create(token)
        await Self.arm(stage, Self.fault(["kind": "loseMembership"]))
        #expect(await stage.show(id, token).status == 404)
        await Self.arm(stage, Self.fault(["kind": "expireAccessTokens"]))
        #expect(await stage.call("GET", Self.devices, token).status == 401)
    }

    @Test func `an upgrade can be refused, dropped, or answered with extra headers or no subprotocol`() async throws {
        let stage = Stage()
        let token = await stage.token("A")
        _ = await stage.call("GET", Stage.serverAddress, token)
        let upgrade: JSONValue = ["path": "/np/pushNotification"]
        for action: JSONValue in [
            ["kind": "status", "status": 403, "headers": ["X-PSN-RETRY-INTERVAL-MIN": "1"]], ["kind": "redirect"],
            ["kind": "drop"], ["kind": "bigHeaders", "kilobytes": 6], ["kind": "noSubprotocol"],
        ] { await Self.arm(stage, Self.fault(action, upgrade)) }
        var openings: [PushOpening] = []
        for _ in 0..<5 { openings.append(await stage.opening(Stage.upgradeHeaders(token))) }
        guard case .refused(let refused) = openings[0], case .refused(let redirect) = openings[1],
            case .failed(.drop) = openings[2], case .opened(let big) = openings[3], case .opened(let bare) = openings[4]
        else {
            Issue.record("\(openings)")
            return
        }
        #expect(refused.status == 403)
        #expect(refused.header("X-PSN-RETRY-INTERVAL-MIN") == "1")
        #expect(redirect.status == 302)
        #expect(redirect.header("Location") == "https://127.0.0.1:9/elsewhere")
        #expect(big.handshake.headers.reduce(0) { $0 + $1.value.count } == 6000)
        #expect(bare.handshake.subprotocol == nil)
    }

    @Test func `a connection can be silent, fragmented, or get a first message`() async throws {
        let stage = Stage { $0.clientFramesAnswered = false }
        let token = await stage.token("A")
        for action: JSONValue in [
            ["kind": "noPong"], ["kind": "fragmented", "pieces": 4],
            ["kind": "onReady", "push": [["frame": "hello"], ["close": ["code": 65535, "reason": "bogus"]]]],
        ] { await Self.arm(stage, Self.fault(action, ["path": "/np/pushNotification"])) }
        var mute = try #require(await stage.listen("A", token))
        await mute.push.receivedPing([1])
        await stage.service.push(.text([2]), to: "A")
        #expect(await mute.next() == .text([2]))
        var pieces = try #require(await stage.listen("A", token))
        await stage.service.push(.text([3]), to: "A")
        #expect(await pieces.next() == .fragmented([3], pieces: 4))
        var greeted = try #require(await stage.listen("A", token))
        #expect(await greeted.next() == .text(Array("hello".utf8)))
        #expect(await greeted.next() == .close(code: 65535, reason: "bogus"))
    }

    @Test func `a connection can stream and never answer a ping`() async throws {
        let stage = Stage { $0.clientFramesAnswered = false }
        await Self.arm(
            stage,
            Self.fault(
                ["kind": "onReady", "pongs": false, "push": ["burst": ["count": 3, "size": 400, "intervalMs": 100]]],
                ["path": "/np/pushNotification"]))
        var probe = try #require(await stage.listen("A", await stage.token("A")))
        await probe.push.receivedPing([1])
        await stage.service.push(.cut, to: "A")
        #expect(await probe.next() == .burst(PushBurst(count: 3, size: 400, intervalMilliseconds: 100)))
        #expect(await probe.next() == .cut)
    }

    @Test func `the control path pushes anything`() async throws {
        let stage = Stage()
        var probe = try #require(await stage.listen("A", await stage.token("A")))
        let acts: [(JSONValue, SimulatedPushOutput)] = [
            (["frame": ["a": 1]], .text(Array(#"{"a":1}"#.utf8))), (["torn": "half"], .torn(Array("half".utf8))),
            (["pong": "unasked"], .pong(Array("unasked".utf8))), (["ping": ""], .ping([])), (["cut": true], .cut),
            (["reset": true], .reset), (["bytes": "AQI="], .bytes([1, 2])),
            (["close": ["code": 1013]], .close(code: 1013, reason: "")),
            (["fragmented": ["frame": "x", "pieces": 2]], .fragmented([0x78], pieces: 2)),
            (
                ["burst": ["count": 5, "size": 300, "intervalMs": 1]],
                .burst(PushBurst(count: 5, size: 300, intervalMilliseconds: 1))
            ),
        ]
        let body: JSONValue = ["account": "psparty-user-a", "push": .array(acts.map(\.0))]
        #expect(await stage.call("POST", "/_sim/push", nil, body).json["sockets"]?.integer == 1)
        for act in acts { #expect(await probe.next() == act.1) }
    }

    @Test func `requests are recorded with their responses`() async {
        let stage = Stage()
        let token = await stage.token("B")
        await Self.arm(stage, Self.fault(["kind": "drop"], ["skip": 1]))
        _ = await stage.call("GET", Self.devices, token)
        _ = await stage.reply("GET", Self.devices, token)
        let seen = await stage.service.requests()
        #expect(seen.map(\.status) == [200, nil])
        #expect(seen.map(\.accountId) == ["1000000000000000002", "1000000000000000002"])
        let listed = await stage.call("GET", "/_sim/requests")
        #expect(listed.json.array?.first?["target"]?.string == Self.devices)
        _ = await stage.call("POST", "/_sim/requests/clear")
        #expect(await stage.service.requests().isEmpty)
    }

    @Test(arguments: [
        (#"{"accounts":21}"#, "key 'accounts': must be 1 to 20"), (#"{"surprise":1}"#, "key 'surprise': unknown key"),
        (#"{"gzip":"yes"}"#, "key 'gzip': expected true or false"),
        ("{\n\"gzip\":\n}", "line 3, column 1: expected a value"),
        (#"{"toPlatform":"both"}"#, "key 'toPlatform': 'both' is none of array, string, mixed"),
        (#"{"faults":[{"action":{"kind":"status"}}]}"#, "key 'faults[0].action.status': is missing"),
        (#"{"faults":[{"action":{"kind":"fire"}}]}"#, "key 'faults[0].action.kind': unknown fault kind 'fire'"),
        (
            #"{"faults":[{"match":{"times":-1},"action":{"kind":"drop"}}]}"#,
            "key 'faults[0].match.times': must be 0 or more"
        ),
        (#"{"keepAlive":{"x":1}}"#, "key 'keepAlive.x': unknown key"), ("[]", "the document: expected an object"),
    ])
    func `an error in a scenario names the line or key`(text: String, message: String) {
        let error = #expect(throws: ScenarioError.self) { try Scenario(json: Array(text.utf8)) }
        #expect(error?.description == message)
    }

    @Test func `a scenario changes only the named values`() throws {
        let text = #"""
            {"accounts":5,"platforms":["MOBILE_APP","PS5"],"secondBridge":"allowed","accessTokenLife":5,
             "keepAlive":{"clientKeepAliveInterval":200},"faults":[{"match":{"path":"/x","times":0},
             "action":{"kind":"status","status":401,"delayMs":5}}]}
            """#
        let scenario = try Scenario(json: Array(text.utf8))
        #expect(scenario.accounts == 5)
        #expect(scenario.secondBridge == .allowed)
        #expect(scenario.keepAlive?.clientKeepAliveInterval == 200)
        #expect(scenario.keepAlive?.clientKeepAliveTimeout == 60000)
        #expect(scenario.faults.first?.match.times == nil)
        #expect(scenario.faults.first?.delayMilliseconds == 5)
        #expect(scenario.gzip)
        let service = SimulatedService(scenario: scenario)
        #expect(service.accounts.map(\.platform) == ["MOBILE_APP", "PS5", "MOBILE_APP", "MOBILE_APP", "MOBILE_APP"])
    }
}
