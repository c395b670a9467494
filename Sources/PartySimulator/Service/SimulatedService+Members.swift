extension SimulatedService {
    static let memberRoutes: [Route] = [
        Route("POST", sessions + "/{S}/members") { (service, call) throws(Refusal) in try service.join(call) },
        Route("PATCH", sessions + "/{S}/members/me") { (service, call) throws(Refusal) in try service.editSelf(call) },
        Route("DELETE", sessions + "/{S}/members/me") { (service, call) throws(Refusal) in
            // A non-member cannot leave, whether or not the party is visible.
            guard let party = service.parties[call.parts[0]], let member = party.member(try call.signedIn.key)
            else { throw .notFound() }
            service.remove(member.key, from: party.id)
            return SimulatedResponse(status: 204)
        },
        Route("DELETE", sessions + "/{S}/members/{M}") { (service, call) throws(Refusal) in try service.kick(call) },
        Route("POST", sessions + "/{S}/customMessage") { (service, call) throws(Refusal) in
            try service.sendMessage(call)
        },
        // The response that a client with the older path was seen to get (docs/protocol.md, 6.6).
        Route("POST", "/api/sessionManager/v1/partySessions/{S}/customMessage") { (_, _) throws(Refusal) in
            throw Refusal(.sessionManager, .badRequest, "Bad Request (body: null)")
        },
    ]

    /// The member in the body of a create or join request: `me`, on the token's platform.
    func newMember(
        _ call: Call, _ caller: Call.Caller, _ wanted: JSONValue, optional: [String] = []
    ) throws(Refusal) -> PartyMember {
        try call.check(
            wanted, keys: ["accountId", "customData4", "platform", "pushContexts", "voiceChatActivated"],
            optional: optional)
        guard wanted["accountId"]?.string == "me" else { throw .body("accountId") }
        guard wanted["platform"]?.string == "me" else { throw .body("platform") }
        guard let voice = wanted["voiceChatActivated"]?.bool else { throw .body("voiceChatActivated") }
        guard let data = wanted["customData4"]?.string, Self.isCustomData4(data) else { throw .body("customData4") }
        let contexts = wanted["pushContexts"]?.array ?? []
        let ids = contexts.compactMap { $0.keys == ["contextId"] ? $0["contextId"]?.string : nil }.filter(isUUID)
        guard !ids.isEmpty, ids.count == contexts.count else { throw .body("pushContexts") }
        if let duid = wanted["deviceUniqueId"], duid.string == nil { throw .body("deviceUniqueId") }
        return PartyMember(
            key: caller.key, onlineId: caller.account.onlineId,
            duid: wanted["deviceUniqueId"]?.string ?? caller.duid, joinedAt: now(), voiceChatActivated: voice,
            customData4: data, contexts: ids.map { PushContext(id: $0) })
    }

    /// Base64 of a JSON array of ten strings.
    static func isCustomData4(_ text: String) -> Bool {
        guard let bytes = Base64.decode(text), let slots = (try? JSONReader.read(bytes))?.array else { return false }
        return slots.count == 10 && slots.allSatisfy { $0.string != nil }
    }

    /// Whether the account may join: it is invited, it is a friend and friends may join, or it holds the party's link.
    func mayJoin(_ caller: Call.Caller, _ party: Party, linkId: String?) -> Bool {
        let accountId = caller.account.accountId
        if party.dropped.contains(caller.key) || party.holds(accountId) || party.invites(accountId) { return true }
        if linkId == party.linkId || holdsLink(accountId, party) { return true }
        if party.joinable == "INVITE_ONLY", !scenario.inviteOnlyEnforced { return true }
        // All accounts are friends of each other.
        return ["FRIENDS", "FRIENDS_OF_FRIENDS", "ANYONE"].contains(party.joinable)
    }

    private func join(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        guard isUUID(call.parts[0]), var party = parties[call.parts[0]] else { throw .notFound() }
        let body = try call.body()
        guard body.keys == ["members"], let members = body["members"]?.array, members.count == 1,
            let member = try? newMember(call, caller, members[0])
        else { throw .bare(400) }
        let linkId = call.request.header("X-PSN-SESSION-MANAGER-CPSS-ID")
        guard mayJoin(caller, party, linkId: linkId) else { throw .notPermitted() }
        // No source documents joining twice; here it replaces the contexts and sends no event.
        if party.member(caller.key) != nil {
            party.change(caller.key) { $0.contexts = member.contexts }
            parties[party.id] = party
            return joined(member)
        }
        guard !party.isFull else { throw Refusal(.sessionManager, .conflict, "Upper limit exceeded") }
        let admitted = party.admit(member)
        parties[party.id] = party
        if !scenario.joinsUntold {
            announceMember("v2:ps:members:created", pushedMemberJSON(admitted), of: party.id, by: admitted)
        }
        return joined(admitted)
    }

    private func joined(_ member: PartyMember) -> SimulatedResponse {
        let item: JSONValue = [
            "accountId": .string(member.key.accountId), "platform": .string(member.key.platform),
            "deviceUniqueId": .string(member.duid),
        ]
        return SimulatedResponse(201, json: ["members": [item]])
    }

    private func editSelf(_ call: Call) throws(Refusal) -> SimulatedResponse {
        var (party, member) = try partyAsMember(call)
        let body = try call.body()
        try call.check(body, keys: [], optional: ["customData2", "customData3", "customData4", "voiceChatActivated"])
        guard !body.keys.isEmpty else { throw .body("null") }
        for name in ["customData2", "customData3"] {
            if let value = body[name], Base64.decode(value.string ?? "?") == nil { throw .body(name) }
        }
        if let value = body["customData4"], !Self.isCustomData4(value.string ?? "") { throw .body("customData4") }
        if let value = body["voiceChatActivated"], value.bool == nil { throw .body("voiceChatActivated") }
        party.change(member.key) {
            $0.customData2 = body["customData2"]?.string ?? $0.customData2
            $0.customData3 = body["customData3"]?.string ?? $0.customData3
            $0.customData4 = body["customData4"]?.string ?? $0.customData4
            $0.voiceChatActivated = body["voiceChatActivated"]?.bool ?? $0.voiceChatActivated
        }
        parties[party.id] = party
        member = party.member(member.key) ?? member
        for key in body.keys {
            guard let value = body[key] else { continue }
            let identity = identityJSON(member)
            announceMember(
                "v2:ps:m:\(key):updated", scenario.updatesWithoutValue ? identity : identity.adding(key, value),
                of: party.id, by: member)
        }
        return SimulatedResponse(status: 204)
    }

    private func kick(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let (party, member) = try partyAsMember(call)
        guard scenario.kickAllowed, party.owner == member.key else { throw .notPermitted() }
        let parts = call.parts[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard
            let target = party.members.first(where: {
                $0.key.accountId == parts[0] && (parts.count < 2 || $0.key.platform == parts[1])
            })
        else { throw .notFound() }
        remove(target.key, from: party.id, by: member)
        return SimulatedResponse(status: 204)
    }

    /// Removes a member and sends the events. The party ends with its last member.
    ///
    /// - Parameter isTold: whether the removed member also receives the event.
    func remove(_ key: PartyMember.Key, from id: String, by actor: PartyMember? = nil, isTold: Bool = true) {
        guard var party = parties[id], let (left, owner) = party.release(key) else { return }
        parties[id] = party
        announceMember(
            "v2:ps:members:deleted", identityJSON(left), of: id, by: actor ?? left, alsoTo: isTold ? left : nil)
        if party.members.isEmpty {
            announceDeletion(of: party, to: left, isTold: isTold)
            parties[id] = nil
        } else if let owner {
            announceOwner(owner, of: id)
        }
    }

    /// Removes an account from all parties, as the service was seen to do when the account reopened its push connection.
    func dropMemberships(of accountId: String) {
        for (id, party) in parties {
            for member in party.members where member.key.accountId == accountId {
                if party.members.count > 1 || !scenario.droppedPartySurvives {
                    // The account that lost its connection gets no event; it must ask.
                    remove(member.key, from: id, isTold: false)
                } else {
                    _ = parties[id]?.release(member.key)
                }
                parties[id]?.dropped.insert(member.key)
            }
        }
    }
}
