import Testing

@testable import PartySimulator

struct PartyTests {
    @Test func `the creator is owner and first member`() async throws {
        let stage = Stage()
        let token = await stage.token("A")
        let id = await stage.create(token)
        #expect(isUUID(id))
        let session = try #require(await stage.session(id, token))
        #expect(session["owner"]?["accountId"]?.string == "1000000000000000001")
        #expect(session["maxMembers"]?.integer == 16)
        #expect(session["createdTimestamp"]?.string == String(Stage.now))
        let member = try #require(session["members"]?.array?.first)
        #expect(member["joinOrder"]?.integer == 1)
        #expect(member["platform"]?.string == "MOBILE_APP")
        #expect(member["customData4"]?.string == Stage.customData4)
    }

    @Test func `an invite-only party is hidden and closed without an invitation`() async {
        let stage = Stage { $0.inviteOnlyEnforced = true }
        let (owner, other) = (await stage.token("A"), await stage.token("B"))
        let id = await stage.create(owner)
        #expect(await stage.show(id, other).status == 404)
        #expect(await stage.join(id, other).status == 403)
        #expect(await stage.invite(id, owner, "B").status == 201)
        #expect(await stage.show(id, other).status == 200)
        let joined = await stage.join(id, other)
        #expect(joined.status == 201)
        #expect(joined.json["members"]?.array?.first?["accountId"]?.string == "1000000000000000002")
    }

    @Test func `by default the id of an invite-only party suffices to join`() async {
        let stage = Stage()
        let id = await stage.create(await stage.token("A"))
        #expect(await stage.join(id, await stage.token("B")).status == 201)
    }

    @Test func `friends may join a party for friends`() async {
        let stage = Stage()
        let id = await stage.create(await stage.token("A"), joinable: "FRIENDS")
        #expect(await stage.join(id, await stage.token("B")).status == 201)
    }

    @Test func `joining twice, a full party or an unknown one is refused`() async throws {
        let stage = Stage()
        let (a, b, c) = (await stage.token("A"), await stage.token("B"), await stage.token("C"))
        let id = await stage.create(a, joinable: "FRIENDS", maxMembers: 2)
        #expect(await stage.join(id, b).status == 201)
        #expect(await stage.join(id, b).status == 201)
        #expect(await stage.session(id, a)?["members"]?.array?.count == 2)
        let full = await stage.join(id, c)
        #expect(full.status == 409)
        #expect(full.message == "Upper limit exceeded")
        #expect(await stage.join(Random.uuid(), c).status == 404)
    }

    @Test func `one account can join from two platforms`() async throws {
        let stage = Stage()
        let phone = await stage.token("A")
        let console = await stage.token("A", platform: "PS5")
        let id = await stage.create(phone)
        #expect(await stage.join(id, console).status == 201)
        let members = try #require(await stage.session(id, phone)?["members"]?.array)
        #expect(members.compactMap { $0["platform"]?.string } == ["MOBILE_APP", "PS5"])
        #expect(await stage.call("DELETE", "\(Stage.sessions)/\(id)/members/me", console).status == 204)
        #expect(await stage.session(id, phone)?["members"]?.array?.count == 1)
    }

    @Test func `the next member becomes owner, and the party ends with its last member`() async throws {
        let stage = Stage()
        let (a, b, c) = (await stage.token("A"), await stage.token("B"), await stage.token("C"))
        let id = await stage.create(a, joinable: "FRIENDS")
        _ = await stage.join(id, b)
        _ = await stage.join(id, c)
        #expect(await stage.call("DELETE", "\(Stage.sessions)/\(id)/members/me", a).status == 204)
        let session = try #require(await stage.session(id, b))
        #expect(session["owner"]?["accountId"]?.string == "1000000000000000002")
        #expect(session["members"]?.array?.compactMap { $0["joinOrder"]?.integer } == [2, 3])
        _ = await stage.call("DELETE", "\(Stage.sessions)/\(id)/members/me", b)
        _ = await stage.call("DELETE", "\(Stage.sessions)/\(id)/members/me", c)
        #expect(await stage.show(id, c).status == 404)
        #expect(await stage.join(id, a).status == 404)
    }

    @Test func `settings change one by one, or together`() async throws {
        let stage = Stage()
        let token = await stage.token("A")
        let id = await stage.create(token)
        let change: JSONValue = ["sessionName": "Evening", "visibilityType": "FRIENDS_ONLY", "maxMembers": 4]
        let answer = await stage.call("PATCH", "\(Stage.sessions)/\(id)", token, change, headers: Stage.profanity)
        #expect(answer.status == 204)
        let session = try #require(await stage.session(id, token))
        #expect(session["sessionName"]?.string == "Evening")
        #expect(session["visibilityType"]?.string == "FRIENDS_ONLY")
        #expect(session["maxMembers"]?.integer == 4)
    }

    @Test func `only members change a party, others get 403 or 404`() async {
        let stage = Stage()
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        let closed = await stage.create(a)
        let open = await stage.create(a, joinable: "FRIENDS")
        let body: JSONValue = ["customData3": "QQ=="]
        #expect(await stage.call("PATCH", "\(Stage.sessions)/\(closed)/members/me", b, body).status == 404)
        let refused = await stage.call("PATCH", "\(Stage.sessions)/\(open)/members/me", b, body)
        #expect(refused.status == 403)
        #expect(refused.message == "Only session members permitted")
    }

    @Test func `leaving a party without membership is 404, visible or not`() async {
        let stage = Stage()
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        for joinable in ["INVITE_ONLY", "FRIENDS"] {
            let id = await stage.create(a, joinable: joinable)
            #expect(await stage.call("DELETE", "\(Stage.sessions)/\(id)/members/me", b).status == 404)
        }
    }

    @Test func `a dropped member sees no party until it joins again`() async {
        let stage = Stage()
        let a = await stage.token("A")
        let id = await stage.create(a)
        await stage.service.dropMembership(of: "A")
        #expect(await stage.show(id, a).status == 404)
        #expect(await stage.join(id, a).status == 201)
        #expect(await stage.session(id, a)?["owner"]?["accountId"]?.string == "1000000000000000001")
        await stage.service.reconfigure { $0.droppedPartySurvives = false }
        await stage.service.dropMembership(of: "A")
        #expect(await stage.join(id, a).status == 404)
    }

    @Test func `the list contains the visible parties and their rules`() async throws {
        let stage = Stage()
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        let closed = await stage.create(a)
        let open = await stage.create(a, joinable: "FRIENDS")
        let list = "/api/sessionManager/v2/sys/gameBase/parties/bulkGet?limit=11"
        let mine = await stage.call("POST", list, a, ["groupInvitedPartySessions": []])
        #expect(mine.json["parties"]?.array?.count == 2)
        let others = await stage.call("POST", list, b, ["groupInvitedPartySessions": []])
        let seen = try #require(others.json["parties"]?.array)
        #expect(seen.compactMap { $0["sessionId"]?.string } == [open])
        #expect(seen[0]["partyJoinable"]?.bool == true)
        _ = await stage.invite(closed, a, "B")
        #expect(await stage.call("POST", list, b, ["groupInvitedPartySessions": []]).json["parties"]?.array?.count == 2)
    }

    @Test func `invitations are listed until the user joins, or not at all`() async throws {
        let path = "/api/sessionManager/v2/users/me/partySessionsInvitations"
        for isListed in [true, false] {
            let stage = Stage { $0.invitationsListed = isListed }
            let (a, b) = (await stage.token("A"), await stage.token("B"))
            let id = await stage.create(a)
            _ = await stage.invite(id, a, "B")
            let items = try #require(await stage.call("GET", path, b).json["invitations"]?.array)
            #expect(items.compactMap { $0["sessionId"]?.string } == (isListed ? [id] : []))
            #expect(await stage.join(id, b).status == 201)
            #expect(await stage.call("GET", path, b).json["invitations"]?.array?.isEmpty == true)
        }
    }

    @Test func `a link is opaque, may start with a dash, and is enough to join`() async throws {
        let stage = Stage { $0.inviteOnlyEnforced = true }
        let (a, b, c) = (await stage.token("A"), await stage.token("B"), await stage.token("C"))
        var links: [String] = []
        var ids: [String] = []
        for _ in 0..<2 {
            let id = await stage.create(a)
            let share = await stage.call("GET", "/api/cpss/v1/share/party/\(id)", a)
            let url = try #require(share.json["shareUrl"]?.string)
            links.append(String(url.dropFirst("https://party.playstation.com/".count)))
            ids.append(id)
        }
        #expect(links.allSatisfy { $0.count == 22 })
        #expect(links.contains { $0.hasPrefix("-") })
        #expect(await stage.join(ids[0], b).status == 403)
        let header = [("X-PSN-SESSION-MANAGER-CPSS-ID", links[0])]
        #expect(await stage.join(ids[0], b, headers: header).status == 201)
        let info = await stage.call("GET", "/api/cpss/v1/partyInfo/\(links[1])?country=US&language=en")
        #expect(info.json["sessionId"]?.string == ids[1])
        #expect(info.json["members"]?.array?.first?["accountId"]?.string == "0")
        #expect(await stage.join(ids[1], c).status == 201)
        #expect(await stage.call("GET", "/api/cpss/v1/partyInfo/kkkkkkkkkkkkkkkkkkkkkk").status == 404)
    }

    @Test func `the owner may remove a member only if the scenario allows it`() async {
        for isAllowed in [false, true] {
            let stage = Stage { $0.kickAllowed = isAllowed }
            let (a, b) = (await stage.token("A"), await stage.token("B"))
            let id = await stage.create(a, joinable: "FRIENDS")
            _ = await stage.join(id, b)
            let path = "\(Stage.sessions)/\(id)/members/1000000000000000002.MOBILE_APP"
            #expect(await stage.call("DELETE", path, a).status == (isAllowed ? 204 : 403))
        }
    }
}
