extension SimulatedService {
    private static let users = "/api/userProfile/v1/internal/users"
    private static let users2 = "/api/userProfile/v2/internal/users"

    static let userRoutes: [Route] = [
        Route("GET", "/userProfile/v1/users/{N}/profile2", base: .userSearch) { (service, call) throws(Refusal) in
            try service.findByName(call)
        },
        Route("GET", users + "/profiles", base: .userProfile) { (service, call) throws(Refusal) in
            let caller = try call.signedIn
            let found = try service.accounts(call)
            let profiles = service.ordered(found).map { account in
                let profile = service.profile(account, caller: caller)
                return service.scenario.profiles == .withAccountId
                    ? profile.adding("accountId", .string(account.accountId)) : profile
            }
            return SimulatedResponse(200, json: ["profiles": .array(profiles)])
        },
        Route("GET", users + "/{A}/profiles", base: .userProfile) { (service, call) throws(Refusal) in
            let caller = try call.signedIn
            return SimulatedResponse(200, json: service.profile(try service.account(call), caller: caller))
        },
        Route("GET", users + "/{A}/friends", base: .userProfile) { (service, call) throws(Refusal) in
            try service.friends(call)
        },
        Route("GET", users2 + "/{A}/friends", base: .userProfile) { (service, call) throws(Refusal) in
            try service.friends(call)
        },
        Route("GET", users + "/me/friends/{A}/summary", base: .userProfile) { (service, call) throws(Refusal) in
            let friend = try service.account(call)
            let isSelf = friend.accountId == (try call.signedIn).account.accountId
            return SimulatedResponse(
                200,
                json: [
                    "friendRelation": .string(isSelf ? "no" : "friend"), "personalDetailSharing": "none",
                    "friendsCount": .integer(Int64(service.accounts.count - 1)), "mutualFriendsCount": 0,
                ])
        },
        Route("GET", users + "/me/friends/receivedRequests", base: .userProfile) { (_, _) throws(Refusal) in
            SimulatedResponse(200, json: ["receivedRequests": [], "totalItemCount": 0])
        },
        Route("GET", users + "/me/blocks", base: .userProfile) { (_, _) throws(Refusal) in
            SimulatedResponse(200, json: ["blockList": []])
        },
        Route("GET", users2 + "/basicPresences", base: .userProfile) { (service, call) throws(Refusal) in
            let presences = try service.accounts(call).map { account in
                .object(
                    [JSONMember(key: "accountId", value: .string(account.accountId))]
                        + (service.presence(account).object ?? [])) as JSONValue
            }
            return SimulatedResponse(200, json: ["basicPresences": .array(presences)])
        },
        Route("GET", users2 + "/{A}/basicPresences", base: .userProfile) { (service, call) throws(Refusal) in
            SimulatedResponse(200, json: ["basicPresence": service.presence(try service.account(call))])
        },
        Route("POST", "/api/search/v1/universalSearch", base: .userProfile) { (service, call) throws(Refusal) in
            try service.search(call)
        },
        Route("GET", "/api/v1/devices/accounts/me", base: .userProfile) { (_, call) throws(Refusal) in
            SimulatedResponse(200, json: ["accountId": .string((try call.signedIn).account.accountId)])
        },
    ]

    private func findByName(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let name = call.parts[0]
        let renamed = scenario.formerOnlineIds.first { $0.key.lowercased() == name.lowercased() }
        let present = renamed?.value ?? name
        guard let account = accounts.first(where: { $0.onlineId.lowercased() == present.lowercased() }) else {
            // Errors of this service have no reference id.
            let error: JSONValue = ["code": 2_105_356, "message": .string("User not found (user: '\(name)')")]
            throw Refusal(SimulatedResponse(404, json: ["error": error]))
        }
        var profile: JSONValue = [:]
        for field in call.request.query("fields")?.split(separator: ",") ?? ["accountId", "onlineId"] {
            switch field {
            case "accountId": profile = profile.adding("accountId", .string(account.accountId))
            case "onlineId": profile = profile.adding("onlineId", .string(renamed?.key ?? account.onlineId))
            case "currentOnlineId" where renamed != nil:
                profile = profile.adding("currentOnlineId", .string(account.onlineId))
            default: break
            }
        }
        return SimulatedResponse(200, json: ["profile": profile])
    }

    private func account(_ call: Call) throws(Refusal) -> SimulatedAccount {
        let id = call.parts[0] == "me" ? (try call.signedIn).account.accountId : call.parts[0]
        guard let account = accounts.first(where: { $0.accountId == id }) else {
            throw Refusal(.userProfile, .badParameter, "Bad Request (path: accountId)")
        }
        return account
    }

    private func accounts(_ call: Call) throws(Refusal) -> [SimulatedAccount] {
        let ids = call.request.query("accountIds")?.split(separator: ",").map(String.init) ?? []
        guard !ids.isEmpty, ids.count <= 100 else { throw .query("accountIds", .userProfile) }
        return ids.compactMap { id in accounts.first { $0.accountId == id } }
    }

    /// The order of the profiles in the response.
    private func ordered(_ accounts: [SimulatedAccount]) -> [SimulatedAccount] {
        switch scenario.profiles {
        case .withAccountId, .inOrder: accounts
        case .byName: accounts.sorted { $0.onlineId > $1.onlineId }
        case .shuffled: accounts.shuffled()
        }
    }

    private func profile(_ account: SimulatedAccount, caller: Call.Caller) -> JSONValue {
        [
            "onlineId": .string(account.onlineId), "aboutMe": "",
            "avatars": [["size": "s", "url": "https://192.0.2.30/avatar.png"]], "languages": ["en-US"],
            "isPlus": false, "isOfficiallyVerified": false,
            "isMe": .bool(account.accountId == caller.account.accountId),
        ]
    }

    private func friends(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        guard ["me", caller.account.accountId].contains(call.parts[0]) else { throw .notPermitted(.userProfile) }
        guard let limit = Int(call.request.query("limit") ?? "100"), (1...1000).contains(limit) else {
            throw .query("limit", .userProfile)
        }
        guard let offset = Int(call.request.query("offset") ?? "0"), offset >= 0 else {
            throw .query("offset", .userProfile)
        }
        let all = accounts.map(\.accountId).filter { $0 != caller.account.accountId }
        let page = all.dropFirst(offset).prefix(limit)
        var body: JSONValue = [
            "friends": .array(page.map { .string($0) }), "totalItemCount": .integer(Int64(all.count)),
        ]
        if offset + page.count < all.count { body = body.adding("nextOffset", .integer(Int64(offset + page.count))) }
        if offset > 0 { body = body.adding("previousOffset", .integer(Int64(max(0, offset - limit)))) }
        return SimulatedResponse(200, json: body)
    }

    private func presence(_ account: SimulatedAccount) -> JSONValue {
        let isOnline = sockets.values.contains { $0.accountId == account.accountId }
        let isPhone = account.platform == "MOBILE_APP"
        let availability = !isOnline ? "unavailable" : isPhone ? "availableToCommunicate" : "availableToPlay"
        return [
            "availability": .string(availability),
            "primaryPlatformInfo": [
                "onlineStatus": .string(isOnline ? "online" : "offline"), "platform": .string(account.platform),
            ],
        ]
    }

    private func search(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        let body = try call.body()
        guard let term = body["searchTerm"]?.string?.lowercased(),
            body["domainRequests"]?.array?.first?["domain"]?.string == "SocialAllAccounts"
        else { throw .body("domainRequests", .userProfile) }
        // A search never finds the caller.
        let found = accounts.filter {
            $0.accountId != caller.account.accountId && $0.onlineId.lowercased().contains(term)
        }
        let results = found.map { account in
            [
                "socialMetadata": [
                    "accountId": .string(account.accountId), "onlineId": .string(account.onlineId), "country": "US",
                    "isPsPlus": false, "avatarUrl": "https://192.0.2.30/avatar.png",
                ]
            ] as JSONValue
        }
        return SimulatedResponse(
            200, json: ["domainResponses": [["domain": "SocialAllAccounts", "results": .array(results)]]])
    }
}
