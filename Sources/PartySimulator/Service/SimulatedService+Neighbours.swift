extension SimulatedService {
    /// Other requests of the captured client. Only the parts of their responses shown here are known.
    static let neighbourRoutes: [Route] = [
        Route("POST", "/api/authz/v3/oauth/authorizeCheck", needsBearer: false) { (service, call) throws(Refusal) in
            let body = try call.body()
            let keys = ["client_id", "scope", "redirect_uri", "response_type", "service_entity", "access_type", "duid"]
            try call.check(body, keys: keys)
            guard body["client_id"]?.string == service.clientId else { throw .body("client_id") }
            return SimulatedResponse(200, json: [:])
        },
        Route("GET", "/api/gamingLoungeGroups/v1/members/me/groups/openPartySessions") { (_, _) throws(Refusal) in
            SimulatedResponse(200, json: ["openPartySessions": []])
        },
        Route("GET", "/api/playerRecommendations/v1/partyHistory/me") { (_, _) throws(Refusal) in
            SimulatedResponse(200, json: ["partyHistory": []])
        },
        // This request was only seen to fail; its valid body is unknown.
        Route("PUT", "/api/psan/v1/appTypes/psapp/users/{A}/deviceTypes/Android/deviceInfo") { (_, _) throws(Refusal) in
            throw .bare(500)
        },
    ]
}
