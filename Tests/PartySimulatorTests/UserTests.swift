import Testing

@testable import PartySimulator

struct UserTests {
    static let users = "/api/userProfile/v1/internal/users"

    @Test func `an online id is found in any case, an unknown one has no reference id`() async {
        let stage = Stage()
        let token = await stage.token("A")
        let fields = "profile2?fields=accountId,onlineId,currentOnlineId"
        let found = await stage.call("GET", "/userProfile/v1/users/PSPARTY-user-b/\(fields)", token)
        #expect(found.json["profile"] == ["accountId": "1000000000000000002", "onlineId": "psparty-user-b"])
        let unknown = await stage.call("GET", "/userProfile/v1/users/nobody/\(fields)", token)
        #expect(unknown.status == 404)
        #expect(unknown.json["error"]?["code"]?.integer == 2_105_356)
        #expect(unknown.json["error"]?["referenceId"] == nil)
    }

    @Test func `a friend's summary has the captured word none for personalDetailSharing`() async {
        let stage = Stage()
        let token = await stage.token("A")
        for (account, relation) in [("1000000000000000002", "friend"), ("1000000000000000001", "no")] {
            let summary = await stage.call("GET", "\(Self.users)/me/friends/\(account)/summary", token)
            #expect(summary.json["personalDetailSharing"]?.string == "none")
            #expect(summary.json["friendRelation"]?.string == relation)
        }
    }

    @Test func `profiles and presences are returned singly and in bulk`() async throws {
        let stage = Stage()
        let (a, b) = (await stage.token("A"), await stage.token("B"))
        _ = try #require(await stage.listen("B", b))
        let ids = "accountIds=1000000000000000001,1000000000000000002"
        let one = await stage.call("GET", "\(Self.users)/1000000000000000002/profiles", a)
        #expect(one.json["onlineId"]?.string == "psparty-user-b")
        #expect(one.json["isMe"]?.bool == false)
        #expect(await stage.call("GET", "\(Self.users)/profiles?\(ids)", a).json["profiles"]?.array?.count == 2)
        let unknown = await stage.call("GET", "\(Self.users)/7/profiles", a)
        #expect(unknown.status == 400)
        #expect(unknown.json["error"]?["code"]?.integer == 2_281_473)
        #expect(unknown.message == "Bad Request (path: accountId)")
        let many = await stage.call("GET", "/api/userProfile/v2/internal/users/basicPresences?\(ids)", a)
        let states = try #require(many.json["basicPresences"]?.array)
        #expect(states.compactMap { $0["availability"]?.string } == ["unavailable", "availableToCommunicate"])
        let single = await stage.call(
            "GET", "/api/userProfile/v2/internal/users/1000000000000000002/basicPresences?type=primary", a)
        #expect(single.json["basicPresence"]?["primaryPlatformInfo"]?["onlineStatus"]?.string == "online")
    }

    @Test func `friends are paged, and only our own are returned`() async {
        let stage = Stage { $0.accounts = 4 }
        let token = await stage.token("A")
        let page = await stage.call("GET", "\(Self.users)/me/friends?limit=2", token)
        #expect(page.json["friends"] == ["1000000000000000002", "1000000000000000003"])
        #expect(page.json["nextOffset"]?.integer == 2)
        let last = await stage.call("GET", "\(Self.users)/me/friends?limit=2&offset=2", token)
        #expect(last.json["friends"] == ["1000000000000000004"])
        #expect(last.json["nextOffset"] == nil)
        let limit = await stage.call("GET", "\(Self.users)/me/friends?limit=1001", token)
        #expect(limit.message == "Bad Request (query: limit)")
        let other = await stage.call("GET", "\(Self.users)/1000000000000000002/friends", token)
        #expect(other.status == 403)
        #expect(other.json["error"]?["code"]?.integer == 2_281_486)
    }

    @Test func `a search does not find the searching user`() async throws {
        let stage = Stage()
        let body: JSONValue = ["searchTerm": "psparty", "domainRequests": [["domain": "SocialAllAccounts"]]]
        let answer = await stage.call("POST", "/api/search/v1/universalSearch", await stage.token("A"), body)
        let results = try #require(answer.json["domainResponses"]?.array?.first?["results"]?.array)
        #expect(
            results.compactMap { $0["socialMetadata"]?["onlineId"]?.string } == ["psparty-user-b", "psparty-user-c"])
    }

    @Test(
        arguments: [
            (.withAccountId, ["psparty-user-a", "psparty-user-b"], true),
            (.inOrder, ["psparty-user-a", "psparty-user-b"], false),
            (.byName, ["psparty-user-b", "psparty-user-a"], false),
        ] as [(Scenario.Profiles, [String], Bool)])
    func `profiles have account ids or not`(
        _ form: Scenario.Profiles, _ names: [String], _ hasIds: Bool
    ) async throws {
        let stage = Stage { $0.profiles = form }
        let ids = "accountIds=1000000000000000001,1000000000000000002"
        let answer = await stage.call("GET", "\(Self.users)/profiles?\(ids)", await stage.token("A"))
        let profiles = try #require(answer.json["profiles"]?.array)
        #expect(profiles.compactMap { $0["onlineId"]?.string } == names)
        #expect(profiles.contains { $0["accountId"] != nil } == hasIds)
    }

    @Test func `a former name finds the account with both names`() async throws {
        let scenario = try Scenario(json: Array(#"{"formerOnlineIds":{"old-b":"psparty-user-b"}}"#.utf8))
        let stage = Stage { $0 = scenario }
        let path = "/userProfile/v1/users/Old-B/profile2?fields=accountId,onlineId,currentOnlineId"
        let found = await stage.call("GET", path, await stage.token("A"))
        #expect(
            found.json["profile"] == [
                "accountId": "1000000000000000002", "onlineId": "old-b", "currentOnlineId": "psparty-user-b",
            ])
    }

    @Test func `long responses are compressed if the client accepts it`() async {
        let stage = Stage { $0.accounts = 20 }
        let token = await stage.token("A")
        let ids = stage.service.accounts.map(\.accountId).joined(separator: ",")
        let path = "\(Self.users)/profiles?accountIds=\(ids)"
        let plain = await stage.call("GET", path, token)
        #expect(plain.body.count > 1024)
        let packed = await stage.call("GET", path, token, headers: [("Accept-Encoding", "deflate, gzip")])
        #expect(packed.header("Content-Encoding") == "gzip")
        #expect(packed.body.prefix(2) == [0x1F, 0x8B])
        #expect(packed.body.count < plain.body.count / 2)
    }
}
