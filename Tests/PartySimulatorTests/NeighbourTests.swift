import Testing

@testable import PartySimulator

struct NeighbourTests {
    @Test func `the check before authorizing requires every field and the client`() async {
        let stage = Stage()
        let fields = ["scope", "redirect_uri", "response_type", "service_entity", "access_type", "duid"]
        func check(_ client: String, _ fields: [String]) async -> Int {
            let pairs = fields.map { "\"\($0)\":\"x\"" }.joined(separator: ",")
            let request = SimulatedRequest(
                method: "POST", target: "/api/authz/v3/oauth/authorizeCheck",
                headers: [("Content-Type", "application/json")],
                body: Array("{\"client_id\":\"\(client)\",\(pairs)}".utf8))
            guard case .answer(let response) = await stage.service.respond(to: request) else { return 0 }
            return response.status
        }
        #expect(await check(stage.service.clientId, fields) == 200)
        #expect(await check("somebody", fields) == 400)
        #expect(await check(stage.service.clientId, Array(fields.dropLast())) == 400)
    }

    @Test(arguments: [
        ("GET", "/api/gamingLoungeGroups/v1/members/me/groups/openPartySessions", 200),
        ("GET", "/api/playerRecommendations/v1/partyHistory/me", 200),
        ("PUT", "/api/psan/v1/appTypes/psapp/users/1/deviceTypes/Android/deviceInfo", 500),
    ])
    func `neighbouring calls exist`(method: String, path: String, status: Int) async {
        let stage = Stage()
        #expect(await stage.call(method, path, await stage.token("A")).status == status)
    }
}
