extension SimulatedService {
    static let sessions = "/api/sessionManager/v2/partySessions"
    static let profanity = "X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE"

    static let partyRoutes: [Route] = [
        Route("POST", sessions) { (service, call) throws(Refusal) in try service.createParty(call) },
        Route("GET", sessions) { (service, call) throws(Refusal) in try service.showParties(call) },
        Route("PATCH", sessions + "/{S}") { (service, call) throws(Refusal) in try service.editParty(call) },
        Route("POST", "/api/sessionManager/v2/sys/gameBase/parties/bulkGet") { (service, call) throws(Refusal) in
            try service.listParties(call)
        },
    ]

    private func createParty(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        try call.requireHeader(Self.profanity)
        let body = try call.body()
        try call.check(body, keys: ["v2PartySessions"])
        guard let wanted = body["v2PartySessions"]?.array, wanted.count == 1 else { throw .body("v2PartySessions") }
        let settings = try settings(call, wanted[0])
        guard let members = wanted[0]["members"]?.array, members.count == 1 else { throw .body("members") }
        let member = try newMember(call, caller, members[0], optional: ["deviceUniqueId"])
        linkCount += 1
        var party = Party(
            id: Random.uuid(), linkId: Random.linkId(startingWithDash: linkCount.isMultiple(of: 2)),
            createdAt: now(), settings: settings)
        let owner = party.admit(member)
        parties[party.id] = party
        announceCreation(of: party.id, by: owner)
        return SimulatedResponse(201, json: ["v2PartySessions": [["sessionId": .string(party.id)]]])
    }

    private func settings(_ call: Call, _ wanted: JSONValue) throws(Refusal) -> PartySettings {
        try call.check(
            wanted,
            keys: ["joinableUserType", "maxMembers", "members", "sessionName", "sessionType", "visibilityType"])
        guard wanted["sessionType"]?.string == "ROOM" else { throw .body("sessionType") }
        return PartySettings(
            name: try name(wanted["sessionName"]), visibility: try visibility(wanted["visibilityType"]),
            joinable: try joinable(wanted["joinableUserType"]), maxMembers: try size(wanted["maxMembers"]))
    }

    private func name(_ value: JSONValue?) throws(Refusal) -> String {
        guard let name = value?.string else { throw .body("sessionName") }
        return name
    }

    private func visibility(_ value: JSONValue?) throws(Refusal) -> String {
        guard let text = value?.string, PartySettings.visibilities.contains(text) else {
            throw .body("visibilityType")
        }
        return text
    }

    private func joinable(_ value: JSONValue?) throws(Refusal) -> String {
        guard let text = value?.string, PartySettings.joinables.contains(text) else { throw .body("joinableUserType") }
        return text
    }

    private func size(_ value: JSONValue?) throws(Refusal) -> Int {
        guard let number = value?.integer, PartySettings.sizes.contains(number) else { throw .body("maxMembers") }
        return Int(number)
    }

    /// A look-up by id, not a list. The ids are in a header.
    private func showParties(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        if let view = call.request.query("view"), !["v1", "v3"].contains(view) { throw .query("view") }
        var ids: [String] = []
        if let listed = call.request.header("X-PSN-SESSION-MANAGER-SESSION-IDS") {
            ids = listed.split(separator: ",").map { String($0.filter { $0 != " " }) }
        } else if let linkId = call.request.header("X-PSN-SESSION-MANAGER-CPSS-ID") {
            ids = parties.values.filter { $0.linkId == linkId }.map(\.id)
        } else {
            throw .header("X-PSN-SESSION-MANAGER-SESSION-IDS")
        }
        guard !ids.isEmpty, ids.allSatisfy(isUUID) else { throw .header("X-PSN-SESSION-MANAGER-SESSION-IDS") }
        let found = ids.compactMap { parties[$0] }.filter { sees(caller, $0) }
        guard !found.isEmpty else { throw .notFound() }
        let body = JSONValue.array(found.map { partyJSON($0, forMember: $0.member(caller.key) != nil) })
        return SimulatedResponse(
            200, json: .object([JSONMember(key: scenario.wrapperKey.rawValue, value: body)]))
    }

    private func listParties(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        let body = try call.body()
        try call.check(body, keys: ["groupInvitedPartySessions"])
        guard let ids = body["groupInvitedPartySessions"]?.array, ids.allSatisfy({ $0.string.map(isUUID) ?? false })
        else { throw .body("groupInvitedPartySessions") }
        guard let limit = Int(call.request.query("limit") ?? "11"), limit > 0 else { throw .query("limit") }
        let seen = parties.values.filter { sees(caller, $0) }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        let listed = seen.prefix(limit).map { party in listItemJSON(party, caller: caller) }
        return SimulatedResponse(200, json: ["parties": .array(Array(listed))])
    }

    /// Whether the caller can see a party: members, invited accounts, and friends if it is open to them.
    func sees(_ caller: Call.Caller, _ party: Party) -> Bool {
        // A party that waits for its members to return is hidden from all others (docs/protocol.md, 4.6).
        if party.members.isEmpty { return false }
        // If another device of the account is a member, the account sees the party like any member.
        if party.holds(caller.account.accountId) || party.invites(caller.account.accountId) { return true }
        if party.dropped.contains(caller.key) { return false }
        return party.visibility == "FRIENDS_ONLY" || ["FRIENDS", "ANYONE"].contains(party.joinable)
            || holdsLink(caller.account.accountId, party)
    }

    func holdsLink(_ accountId: String, _ party: Party) -> Bool {
        scenario.linkJoin == .lookedUp && (party.isLinkPublic || party.linkHolders.contains(accountId))
    }

    /// The party in the path. The caller must be a member.
    func partyAsMember(_ call: Call) throws(Refusal) -> (party: Party, member: PartyMember) {
        let caller = try call.signedIn
        guard let party = parties[call.parts[0]], sees(caller, party) else { throw .notFound() }
        guard let member = party.member(caller.key) else {
            throw Refusal(.sessionManager, .notPermitted, "Only session members permitted")
        }
        return (party, member)
    }

    private func editParty(_ call: Call) throws(Refusal) -> SimulatedResponse {
        try call.requireHeader(Self.profanity)
        var (party, member) = try partyAsMember(call)
        let body = try call.body()
        let names = ["sessionName", "visibilityType", "joinableUserType", "maxMembers"]
        try call.check(body, keys: [], optional: names)
        guard !body.keys.isEmpty else { throw .body("null") }
        if let value = body["sessionName"] { party.name = try name(value) }
        if let value = body["visibilityType"] { party.visibility = try visibility(value) }
        if let value = body["joinableUserType"] { party.joinable = try joinable(value) }
        if let value = body["maxMembers"] {
            party.maxMembers = try size(value)
            guard party.maxMembers >= party.members.count else { throw .body("maxMembers") }
        }
        parties[party.id] = party
        for name in names {
            if let value = body[name] { announceSetting(name, value, of: party.id, by: member) }
        }
        return SimulatedResponse(status: 204)
    }
}
