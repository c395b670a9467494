extension SimulatedService {
    static let invitationRoutes: [Route] = [
        Route("POST", sessions + "/{S}/invitations") { (service, call) throws(Refusal) in try service.invite(call) },
        Route("GET", "/api/sessionManager/v2/users/me/partySessionsInvitations") { (service, call) throws(Refusal) in
            try service.listInvitations(call)
        },
    ]

    private func invite(_ call: Call) throws(Refusal) -> SimulatedResponse {
        var (party, member) = try partyAsMember(call)
        let body = try call.body()
        try call.check(body, keys: ["invitationType", "invitations", "invitationsToGroups"])
        guard body["invitationType"]?.string == "NORMAL" else { throw .body("invitationType") }
        guard body["invitationsToGroups"]?.array != nil else { throw .body("invitationsToGroups") }
        guard let wanted = body["invitations"]?.array else { throw .body("invitations") }
        var invited: [PartyInvitation] = []
        for item in wanted {
            guard item.keys == ["to"], item["to"]?.keys == ["accountId"], let id = item["to"]?["accountId"]?.string,
                let account = accounts.first(where: { $0.accountId == id }), account.accountId != member.key.accountId
            else { throw .body("invitations") }
            invited.append(
                PartyInvitation(id: Random.uuid(), to: account.accountId, from: member.key, receivedAt: now()))
        }
        guard !invited.isEmpty else { throw .body("invitations") }
        for invitation in invited {
            // A second invitation of the same account replaces the first one.
            party.invitations.removeAll { $0.to == invitation.to }
            party.invitations.append(invitation)
        }
        parties[party.id] = party
        if scenario.invitationsPushed {
            for invitation in invited { announceInvitation("created", invitation, to: party, by: member) }
        }
        let items = invited.map { ["invitationId": .string($0.id), "to": ["accountId": .string($0.to)]] as JSONValue }
        return SimulatedResponse(201, json: ["invitations": .array(items)])
    }

    /// Withdraws the invitations of an account. The service has no known request for this (docs/protocol.md, 4.12).
    public func withdrawInvitations(of name: String) {
        guard let account = account(name) else { return }
        for (id, party) in parties {
            for invitation in party.invitations where invitation.to == account.accountId {
                parties[id]?.invitations.removeAll { $0 == invitation }
                guard scenario.invitationsPushed, let member = party.member(invitation.from) ?? party.members.first
                else { continue }
                announceInvitation("deleted", invitation, to: party, by: member)
            }
        }
        release()
    }

    private func listInvitations(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        guard scenario.invitationsListed else { return SimulatedResponse(200, json: ["invitations": []]) }
        var items: [(Int64, JSONValue)] = []
        for party in parties.values {
            for invitation in party.invitations where invitation.to == caller.account.accountId {
                items.append((invitation.receivedAt, invitationJSON(invitation, party)))
            }
        }
        let sorted = items.sorted { $0.0 < $1.0 }.map(\.1)
        return SimulatedResponse(200, json: ["invitations": .array(sorted)])
    }

    /// The shape of an item is a guess: every recorded list was empty.
    func invitationJSON(_ invitation: PartyInvitation, _ party: Party) -> JSONValue {
        let name = account(invitation.from.accountId)?.onlineId ?? ""
        return [
            "invitationId": .string(invitation.id), "sessionId": .string(party.id),
            "sessionName": .string(party.name),
            "from": [
                "accountId": .string(invitation.from.accountId), "onlineId": .string(name),
                "platform": .string(invitation.from.platform),
            ], "invitationType": "NORMAL", "receivedTimestamp": .string(String(invitation.receivedAt)),
        ]
    }
}
