extension SimulatedService {
    static let linkRoutes: [Route] = [
        Route("GET", "/api/cpss/v1/partyInfo/{L}", needsBearer: false) { (service, call) throws(Refusal) in
            try service.showLink(call)
        },
        Route("GET", "/api/cpss/v1/share/party/{S}") { (service, call) throws(Refusal) in
            let caller = try call.signedIn
            guard let party = service.parties[call.parts[0]], service.sees(caller, party) else { throw .notFound() }
            let link = "https://party.playstation.com/\(party.linkId)"
            return SimulatedResponse(
                200,
                json: [
                    "shareUrl": .string(link), "shareImageUrl": "https://192.0.2.30/party.png",
                    "shareImageUrlDestination": .string(link),
                ])
        },
    ]

    /// Looks up a link. Needs no sign-in; only members see the member list.
    private func showLink(_ call: Call) throws(Refusal) -> SimulatedResponse {
        guard let party = parties.values.first(where: { $0.linkId == call.parts[0] }) else { throw .notFound() }
        if let caller = call.caller {
            parties[party.id]?.linkHolders.insert(caller.account.accountId)
        } else {
            parties[party.id]?.isLinkPublic = true
        }
        let isInside = call.caller.map { party.holds($0.account.accountId) } ?? false
        let members = party.members.map { member in linkMember(member, party, isMasked: call.caller == nil) }
        let body: JSONValue = [
            "sessionId": .string(party.id), "sessionName": .string(party.name), "isJoinable": .bool(!party.isFull),
            "joinableFrom": ["PS4", "PS5", "MOBILE_APP"], "msPollingInterval": 5000,
            "maxMembers": .integer(Int64(party.maxMembers)), "timeStarted": .integer(party.createdAt),
            "shareImageUrl": "https://192.0.2.30/party.png", "inParty": .bool(isInside), "members": .array(members),
        ]
        return SimulatedResponse(200, json: body)
    }

    private func linkMember(_ member: PartyMember, _ party: Party, isMasked: Bool) -> JSONValue {
        [
            "isHost": .bool(member.key == party.owner),
            "onlineId": .string(isMasked ? "_anonymous_user" : member.onlineId),
            "platformId": .string(member.key.platform),
            "accountId": .string(isMasked ? "0" : member.key.accountId), "isAnonymous": .bool(isMasked),
        ]
    }
}
