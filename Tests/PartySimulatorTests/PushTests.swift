import Testing

@testable import PartySimulator

struct PushTests {
    @Test func `the new party's two events come in order, with contexts counted from 1`() async throws {
        let stage = Stage()
        let token = await stage.token("A")
        var probe = try #require(await stage.listen("A", token))
        let id = await stage.create(token)
        let first = await probe.frame()
        #expect(first["dataType"]?.string == "psn:sessionManager:sys:v2:ps:members:created")
        #expect(first["method"]?.integer == 3001)
        #expect(first["to"]?["accountId"]?.integer == 1_000_000_000_000_000_001)
        #expect(first["to"]?["platform"] == ["MOBILE_APP"])
        #expect(first["contexts"] == [["contextId": .string(Stage.contextId), "sequenceNumber": 1]])
        let data = try #require(first["body"]?["data"])
        #expect(data["sessionId"]?.string == id)
        #expect(data["customProperties"]?["from"]?["joinOrder"]?.integer == 1)
        let member = try #require(data["members"]?.array?.first)
        #expect(member["joinTimestamp"]?.integer == Stage.now)
        #expect(member["isOnShareScreen"]?.bool == false)
        let second = await probe.frame()
        #expect(second["dataType"]?.string == "psn:sessionManager:sys:v2:partySession:created")
        #expect(second["contexts"]?.array?.first?["sequenceNumber"]?.integer == 2)
    }

    @Test func `with the scenario's swap number 2 comes first`() async throws {
        let stage = Stage { $0.createdEventsSwapped = true }
        let token = await stage.token("A")
        var probe = try #require(await stage.listen("A", token))
        _ = await stage.create(token)
        #expect(await probe.frame()["contexts"]?.array?.first?["sequenceNumber"]?.integer == 2)
        #expect(await probe.frame()["contexts"]?.array?.first?["sequenceNumber"]?.integer == 1)
    }

    @Test func `by default events follow the response`() async throws {
        let stage = Stage { $0.eventsBeforeAnswer = false }
        let token = await stage.token("A")
        var probe = try #require(await stage.listen("A", token))
        _ = await stage.create(token)
        #expect(await probe.frame()["dataType"]?.string == "psn:sessionManager:sys:v2:ps:members:created")
    }

    @Test func `members and others get the events that concern them`() async throws {
        let stage = Stage()
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        var atA = try #require(await stage.listen("A", a))
        var atB = try #require(await stage.listen("B", b))
        let id = await stage.create(a)
        _ = await stage.invite(id, a, "B")
        _ = await stage.call(
            "PATCH", "\(Stage.sessions)/\(id)", a, ["joinableUserType": "FRIENDS"], headers: Stage.profanity)
        _ = await stage.join(id, b)
        _ = await stage.call("PATCH", "\(Stage.sessions)/\(id)/members/me", b, ["customData3": "QQ=="])
        _ = await stage.call("DELETE", "\(Stage.sessions)/\(id)/members/me", a)
        _ = await stage.call("DELETE", "\(Stage.sessions)/\(id)/members/me", b)
        #expect(
            await atA.dataTypes(stage, of: "A") == [
                "v2:ps:members:created", "v2:partySession:created", "v2:ps:joinableUserType:updated",
                "v2:ps:members:created", "v2:ps:m:customData3:updated", "v2:ps:members:deleted",
            ])
        #expect(
            await atB.dataTypes(stage, of: "B") == [
                "v2:ps:invitations:created", "outside:v2:ps:joinableUserType:updated", "v2:ps:members:created",
                "v2:ps:m:customData3:updated", "v2:ps:members:deleted", "v2:ps:owner:updated", "v2:ps:members:deleted",
                "outside:v2:partySession:deleted",
            ])
    }

    @Test func `a deleted party has a reason, and custom data has no contexts`() async throws {
        let stage = Stage()
        let token = await stage.token("A")
        let id = await stage.create(token)
        var probe = try #require(await stage.listen("A", token))
        _ = await stage.call(
            "PATCH", "\(Stage.sessions)/\(id)/members/me", token, ["customData4": .string(Stage.customData4)])
        let update = await probe.frame()
        #expect(update["contexts"] == nil)
        #expect(update["body"]?["data"]?["members"]?.array?.first?["customData4"]?.string == Stage.customData4)
        _ = await stage.call("DELETE", "\(Stage.sessions)/\(id)/members/me", token)
        #expect(await probe.frame()["contexts"]?.array?.first?["sequenceNumber"]?.integer == 3)
        let deleted = await probe.frame()
        #expect(deleted["dataType"]?.string == "psn:sessionManager:sys:outside:v2:partySession:deleted")
        #expect(deleted["contexts"] == nil)
        let properties = deleted["body"]?["data"]?["customProperties"]
        #expect(properties?["deletedEvenCause"]?.string == "LAST_MEMBER_LEFT")
    }

    @Test func `every open connection of an account gets an event`() async throws {
        let stage = Stage()
        let token = await stage.token("A")
        var probes = [
            try #require(await stage.listen("A", token)), try #require(await stage.listen("A", token)),
        ]
        _ = await stage.create(token)
        for index in probes.indices {
            #expect(await probes[index].dataTypes(stage, of: "A").first == "v2:ps:members:created")
        }
    }

    @Test(arguments: [
        "Authorization", "Sec-WebSocket-Protocol", "X-PSN-PROTOCOL-VERSION", "X-PSN-KEEP-ALIVE-STATUS-TYPE",
        "X-PSN-APP-TYPE", "X-PSN-APP-VER", "X-PSN-OS-VER", "X-PSN-RECONNECTION",
    ])
    func `an upgrade without one of its headers is refused`(name: String) async {
        let stage = Stage()
        let token = await stage.token("A")
        _ = await stage.call("GET", Stage.serverAddress, token)
        let headers = Stage.upgradeHeaders(token).filter { $0.0 != name }
        guard case .refused(let answer) = await stage.opening(headers) else {
            Issue.record("opened")
            return
        }
        #expect(answer.status == (name == "Authorization" ? 401 : 400))
    }

    @Test func `an upgrade needs a look-up of its version first`() async {
        let stage = Stage()
        let token = await stage.token("A")
        guard case .refused(let answer) = await stage.opening(Stage.upgradeHeaders(token)) else {
            Issue.record("opened")
            return
        }
        #expect(answer.message == "Bad Request (header: X-PSN-PROTOCOL-VERSION)")
    }

    @Test func `a token without a device is refused with the time to wait`() async throws {
        let stage = Stage()
        let id = stage.service.accounts[0].accountId
        let token = try #require(await stage.service.mintTokens(accountId: id, duid: "")).access
        _ = await stage.call("GET", Stage.serverAddress, token)
        guard case .refused(let answer) = await stage.opening(Stage.upgradeHeaders(token)) else {
            Issue.record("opened")
            return
        }
        #expect(answer.status == 403)
        #expect(answer.header("X-PSN-RETRY-INTERVAL-MIN") == "120")
        #expect(answer.header("X-PSN-RETRY-INTERVAL-MAX") == "1200")
    }

    @Test func `a new push connection can drop the membership, and joining restores it`() async throws {
        let stage = Stage { $0.membershipOnReconnect = .dropped }
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        var first = try #require(await stage.listen("A", a))
        let id = await stage.create(a, joinable: "FRIENDS")
        _ = await stage.join(id, b)
        _ = await first.dataTypes(stage, of: "A")
        await first.push.ended()
        _ = try #require(await stage.listen("A", a))
        #expect(await stage.show(id, a).status == 404)
        #expect(await stage.session(id, b)?["members"]?.array?.count == 1)
        #expect(await stage.join(id, a).status == 201)
        #expect(await stage.session(id, a)?["members"]?.array?.count == 2)
    }

    @Test func `a dropped member gets no event, the others do`() async throws {
        let stage = Stage()
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        let id = await stage.create(a, joinable: "FRIENDS")
        _ = await stage.join(id, b)
        var atA = try #require(await stage.listen("A", a))
        var atB = try #require(await stage.listen("B", b))
        await stage.service.dropMembership(of: "A")
        #expect(await atA.dataTypes(stage, of: "A").isEmpty)
        #expect(await atB.dataTypes(stage, of: "B") == ["v2:ps:members:deleted", "v2:ps:owner:updated"])
    }

    @Test func `mixed platforms alternate between array and string`() async throws {
        let stage = Stage { $0.toPlatform = .mixed }
        let token = await stage.token("A")
        var probe = try #require(await stage.listen("A", token))
        _ = await stage.create(token)
        #expect(await probe.frame()["to"]?["platform"] == "MOBILE_APP")
        #expect(await probe.frame()["to"]?["platform"] == ["MOBILE_APP"])
    }

    @Test func `unknown data types and methods are inserted`() async throws {
        let stage = Stage {
            $0.unknownFramesEvery = 1
            $0.fromOmitted = true
        }
        let token = await stage.token("A")
        var probe = try #require(await stage.listen("A", token))
        _ = await stage.create(token)
        #expect(await probe.frame()["body"]?["data"]?["customProperties"] == [:])
        #expect(await probe.frame()["dataType"]?.string == "psn:presence:sys:v9:unheard:updated")
        #expect(await probe.frame()["method"]?.integer == 3999)
    }

    @Test func `events can be lost, with a gap in the count, or doubled`() async throws {
        let stage = Stage {
            $0.lostEventEvery = 2
            $0.doubledEventEvery = 3
        }
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        var probe = try #require(await stage.listen("A", a))
        let id = await stage.create(a, joinable: "FRIENDS")
        _ = await stage.join(id, b)
        var numbers: [Int64?] = []
        for _ in 0..<3 { numbers.append(await probe.frame()["contexts"]?.array?.first?["sequenceNumber"]?.integer) }
        #expect(numbers == [1, 3, 3])
    }

    @Test func `a ping is answered with its payload`() async throws {
        let stage = Stage()
        var probe = try #require(await stage.listen("A", await stage.token("A")))
        await probe.push.receivedPing([1, 2, 3])
        #expect(await probe.next() == .pong([1, 2, 3]))
    }
}
