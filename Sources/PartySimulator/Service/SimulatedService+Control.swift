extension SimulatedService {
    /// Answers a request to the simulator itself; none of them needs a bearer token.
    ///
    /// - `GET /_sim/faults`: the number of active faults. `POST`: adds a fault or an array of faults; `notes` warns of
    ///   faults that may not do what was intended. `DELETE`: removes all.
    /// - `GET /_sim/requests`: all requests so far; `POST /_sim/requests/clear` deletes them, and the frames.
    /// - `GET /_sim/frames`: the text frames that clients sent.
    /// - `GET /_sim/state`: party sessions, bridges, push connections, ended push connections.
    /// - `GET /_sim/accounts`: the accounts and the OAuth client.
    /// - `POST /_sim/push`: `{"account": A, "push": …}` sends output to A's push connections.
    /// - `POST /_sim/scenario`: changes the scenario at run time; keys as in a scenario file.
    /// - `POST /_sim/token`: `{"account": A, "platform"?, "duid"?}` returns tokens without a sign-in.
    /// - `POST /_sim/tokens/expire` and `/_sim/tokens/kill`: expires all access tokens; invalidates all refresh tokens.
    /// - `POST /_sim/membership/drop`: `{"account": A}` drops A from every party session.
    /// - `POST /_sim/invitations/withdraw`: `{"account": A}` withdraws A's invitations.
    func control(_ request: SimulatedRequest) -> SimulatedResponse {
        do {
            let answer = try controlled(request)
            release()
            return answer
        } catch {
            return SimulatedResponse(400, json: ["error": .string(error.description)])
        }
    }

    private func controlled(_ request: SimulatedRequest) throws(ScenarioError) -> SimulatedResponse {
        var notes: [String] = []
        switch (request.method, request.path) {
        case ("GET", "/_sim/faults"): break
        case ("POST", "/_sim/faults"):
            let faults = try Fault.list(try controlBody(request), path: "fault")
            notes = faults.compactMap(\.match.note)
            armed += faults
        case ("DELETE", "/_sim/faults"): armed = []
        case ("GET", "/_sim/requests"): return SimulatedResponse(200, json: .array(recorded.map(requestJSON)))
        case ("POST", "/_sim/requests/clear"): clearRequests()
        case ("GET", "/_sim/frames"): return SimulatedResponse(200, json: .array(recordedFrames.map(frameJSON)))
        case ("GET", "/_sim/state"): return SimulatedResponse(200, json: stateJSON())
        case ("GET", "/_sim/accounts"): return SimulatedResponse(200, json: accountsJSON)
        case ("POST", "/_sim/push"): return try pushByControl(request)
        case ("POST", "/_sim/scenario"):
            scenario.faults = []
            try scenario.change(try controlBody(request))
            notes = scenario.notes
            armed += scenario.faults
        case ("POST", "/_sim/token"): return try mintByControl(request)
        case ("POST", "/_sim/tokens/expire"): tokenStore.expireAccessTokens()
        case ("POST", "/_sim/tokens/kill"): tokenStore.killRefreshTokens()
        case ("POST", "/_sim/membership/drop"):
            var fields = try FieldReader(try controlBody(request))
            dropMemberships(of: try named(&fields).accountId)
        case ("POST", "/_sim/invitations/withdraw"):
            var fields = try FieldReader(try controlBody(request))
            withdrawInvitations(of: try named(&fields).accountId)
        default: return SimulatedResponse(404, json: ["error": "no such control path"])
        }
        let answer: JSONValue = ["faults": .integer(Int64(armed.count))]
        return SimulatedResponse(
            200, json: notes.isEmpty ? answer : answer.adding("notes", .array(notes.map { .string($0) })))
    }

    private func controlBody(_ request: SimulatedRequest) throws(ScenarioError) -> JSONValue {
        do {
            return try JSONReader.read(request.body)
        } catch {
            throw ScenarioError(description: error.description)
        }
    }

    private func named(_ fields: inout FieldReader) throws(ScenarioError) -> SimulatedAccount {
        guard let name = try fields.string("account"), let account = account(name) else {
            throw fields.error("account", "is missing or unknown")
        }
        return account
    }

    private func pushByControl(_ request: SimulatedRequest) throws(ScenarioError) -> SimulatedResponse {
        var fields = try FieldReader(try controlBody(request))
        let account = try named(&fields)
        guard let acts = fields.take("push") else { throw fields.error("push", "is missing") }
        try fields.finish()
        var reached = 0
        for output in try SimulatedPushOutput.list(acts, path: "push") { reached = push(output, to: account.accountId) }
        return SimulatedResponse(200, json: ["sockets": .integer(Int64(reached))])
    }

    private func mintByControl(_ request: SimulatedRequest) throws(ScenarioError) -> SimulatedResponse {
        var fields = try FieldReader(try controlBody(request))
        let account = try named(&fields)
        let platform = try fields.string("platform")
        let duid = try fields.string("duid")
        try fields.finish()
        guard let tokens = mintTokens(accountId: account.accountId, platform: platform, duid: duid) else {
            throw fields.error("account", "is unknown")
        }
        return SimulatedResponse(
            200, json: ["accessToken": .string(tokens.access), "refreshToken": .string(tokens.refresh)])
    }

    private func requestJSON(_ request: RecordedRequest) -> JSONValue {
        let headers = request.headers.map { [.string($0.name), .string($0.value)] as JSONValue }
        return [
            "method": .string(request.method), "target": .string(request.target), "headers": .array(headers),
            "body": .string(String(decoding: request.body, as: UTF8.self)),
            "accountId": request.accountId.map { .string($0) } ?? .null,
            "status": request.status.map { .integer(Int64($0)) } ?? .null, "receivedAt": .integer(request.receivedAt),
        ]
    }

    private func frameJSON(_ frame: RecordedFrame) -> JSONValue {
        [
            "socket": .integer(Int64(frame.socket)), "accountId": .string(frame.accountId),
            "text": .string(String(decoding: frame.text, as: UTF8.self)), "receivedAt": .integer(frame.receivedAt),
        ]
    }

    private func stateJSON() -> JSONValue {
        let open = sockets.values.sorted { $0.id < $1.id }.map { socket in
            [
                "accountId": .string(socket.accountId), "platform": .string(socket.platform),
                "version": .string(socket.version), "keepAliveStatusType": .string(socket.keepAliveType),
                "ready": .bool(socket.isReady),
            ] as JSONValue
        }
        let ended = closings.map { closing in
            [
                "accountId": .string(closing.accountId), "code": closing.code.map { .integer(Int64($0)) } ?? .null,
            ] as JSONValue
        }
        let known = bridges.values.sorted { $0.id < $1.id }.map { bridge in
            let peers = bridge.peers.map { peer in
                [
                    "peerId": .string(peer.id), "accountId": .string(peer.accountId),
                    "answered": .bool(peer.answer != nil),
                ] as JSONValue
            }
            return ["bridgeId": .string(bridge.id), "accountId": .string(bridge.accountId), "peers": .array(peers)]
                as JSONValue
        }
        let sessions = parties.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.map { party in
            partyJSON(party, forMember: true).adding("linkId", .string(party.linkId))
                .adding("invited", .array(party.invitations.map { .string($0.to) }))
        }
        return [
            "parties": .array(sessions), "bridges": .array(known), "sockets": .array(open),
            "endedSockets": .array(ended), "peakSockets": .integer(Int64(peakSockets)),
            "faults": .integer(Int64(armed.count)),
        ]
    }

    private nonisolated var accountsJSON: JSONValue {
        let items = accounts.map { account in
            [
                "accountId": .string(account.accountId), "onlineId": .string(account.onlineId),
                "platform": .string(account.platform), "npsso": .string(account.npsso),
            ] as JSONValue
        }
        return ["accounts": .array(items), "clientId": .string(clientId), "clientSecret": .string(clientSecret)]
    }
}
