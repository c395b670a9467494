extension SimulatedService {
    private static let bridgesPath = "/api/rtcBridge/v1/bridges"

    static let bridgeRoutes: [Route] = [
        Route("POST", sessions + "/{S}/bridges") { (service, call) throws(Refusal) in try service.linkBridge(call) },
        Route("POST", bridgesPath, base: .bridge) { (service, call) throws(Refusal) in try service.createBridge(call) },
        Route("GET", bridgesPath + "/{B}", base: .bridge) { (service, call) throws(Refusal) in
            try service.showBridge(call)
        },
        Route("DELETE", bridgesPath + "/{B}", base: .bridge) { (service, call) throws(Refusal) in
            service.deleteBridge(try service.bridge(call))
            return SimulatedResponse(status: 202)
        },
        Route("POST", bridgesPath + "/{B}/peers", base: .bridge) { (service, call) throws(Refusal) in
            try service.addPeer(call)
        },
        Route("DELETE", bridgesPath + "/{B}/peers/{P}", base: .bridge) { (service, call) throws(Refusal) in
            let (bridge, index) = try service.peer(call)
            service.bridges[bridge.id]?.peers.remove(at: index)
            return SimulatedResponse(status: 202)
        },
        Route("POST", bridgesPath + "/{B}/peers/{P}/offer", base: .bridge) { (service, call) throws(Refusal) in
            let (bridge, index) = try service.peer(call)
            try service.checkMediaTypes(call)
            let offer = BridgePeer.offerText(session: .random(in: 1 ... .max))
            service.bridges[bridge.id]?.peers[index].offer = offer
            return SimulatedResponse(200, json: ["offer": ["sdp": .string(offer)]])
        },
        Route("POST", bridgesPath + "/{B}/peers/{P}/answer", base: .bridge) { (service, call) throws(Refusal) in
            try service.takeAnswer(call)
        },
    ]

    private func createBridge(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        try call.requireHeader("X-PSN-RTC-TITLE-ID")
        guard try call.body().keys.isEmpty else { throw .body("null", .bridge) }
        let bridge = Bridge(
            id: Random.uuid(), token: Random.alphanumeric(40), accountId: caller.account.accountId, createdAt: now())
        bridges[bridge.id] = bridge
        let body: JSONValue = [
            "bridgeId": .string(bridge.id), "bridgeToken": .string(bridge.token), "bridgeHostingType": "us-west-2",
        ]
        return SimulatedResponse(200, json: ["bridge": body])
    }

    /// Deletes bridges without a party and without peers some time after their creation. On the real service, a conflict over
    /// a stale bridge was seen to end after a while.
    func dropLooseBridges() {
        let linked = Set(parties.values.flatMap(\.bridges).map(\.id))
        let deadline = now() - Int64(scenario.looseBridgeLife) * 1000
        bridges = bridges.filter { id, bridge in
            linked.contains(id) || !bridge.peers.isEmpty || bridge.createdAt > deadline
        }
    }

    /// The bridge in the path. The caller must have its token.
    private func bridge(_ call: Call) throws(Refusal) -> Bridge {
        try call.requireHeader("X-PSN-RTC-TITLE-ID")
        try call.requireHeader("X-PSN-BRIDGE-TOKEN")
        guard let bridge = bridges[call.parts[0]] else { throw .notFound(.bridge) }
        guard call.request.header("X-PSN-BRIDGE-TOKEN") == bridge.token else { throw .notPermitted(.bridge) }
        return bridge
    }

    private func peer(_ call: Call) throws(Refusal) -> (bridge: Bridge, index: Int) {
        let bridge = try bridge(call)
        guard let index = bridge.peers.firstIndex(where: { $0.id == call.parts[1] }) else { throw .notFound(.bridge) }
        return (bridge, index)
    }

    private func showBridge(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let bridge = try bridge(call)
        guard call.request.query("fields") == "peer.peerId" else { throw .query("fields", .bridge) }
        let peers = bridge.peers.map { ["peerId": .string($0.id)] as JSONValue }
        return SimulatedResponse(200, json: ["bridge": ["peers": .array(peers)]])
    }

    private func deleteBridge(_ bridge: Bridge) {
        bridges[bridge.id] = nil
        for (id, party) in parties where party.bridges.contains(where: { $0.id == bridge.id }) {
            parties[id]?.bridges.removeAll { $0.id == bridge.id }
            announceBridge("deleted", bridge.id, of: id)
        }
    }

    private func addPeer(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let caller = try call.signedIn
        let bridge = try bridge(call)
        try checkMediaTypes(call)
        let isDuplicationAllowed = call.request.query("allow_duid_duplication") == "true"
        // Two peers of one device are refused unless the query allows them. A token without a device cannot be checked.
        if !isDuplicationAllowed, !caller.duid.isEmpty, bridge.peers.contains(where: { $0.duid == caller.duid }) {
            throw Refusal(.bridge, .conflict, "Upper limit exceeded")
        }
        let peer = BridgePeer(
            id: Random.uuid(), duid: caller.duid, accountId: caller.account.accountId,
            offer: BridgePeer.offerText(session: .random(in: 1 ... .max)))
        bridges[bridge.id]?.peers.append(peer)
        let body: JSONValue = ["peerId": .string(peer.id), "offer": ["sdp": .string(peer.offer)]]
        return SimulatedResponse(201, json: ["peer": body])
    }

    private func checkMediaTypes(_ call: Call) throws(Refusal) {
        let body = try call.body()
        try call.check(body, keys: ["mediaTypes"])
        guard let types = body["mediaTypes"], types["application"]?["isRequired"]?.bool != nil,
            types["audio"]?["isRequired"]?.bool != nil, let codecs = types["audio"]?["opus"]?.array, !codecs.isEmpty
        else { throw .body("mediaTypes", .bridge) }
        for codec in codecs {
            guard ["CELT", "SILK"].contains(codec["codec"]?.string), codec["bitrate"]?.integer != nil,
                codec["channels"]?.integer != nil, codec["ptime"]?.integer != nil,
                let rates = codec["samplingRates"]?.array, rates.allSatisfy({ $0.integer != nil })
            else { throw .body("mediaTypes.audio.opus", .bridge) }
        }
    }

    private func takeAnswer(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let (bridge, index) = try peer(call)
        let body = try call.body()
        try call.check(body, keys: ["answer"])
        guard body["answer"]?.keys == ["sdp"], let sdp = body["answer"]?["sdp"]?.string,
            sdp.unicodeScalars.starts(with: "v=0\r\n".unicodeScalars)
        else { throw .body("answer", .bridge) }
        bridges[bridge.id]?.peers[index].answer = sdp
        return SimulatedResponse(status: 204)
    }

    private func linkBridge(_ call: Call) throws(Refusal) -> SimulatedResponse {
        let (party, member) = try partyAsMember(call)
        let body = try call.body()
        try call.check(body, keys: ["bridges"])
        guard let wanted = body["bridges"]?.array, wanted.count == 1,
            Set(wanted[0].keys) == ["bridgeId", "bridgeToken"],
            let id = wanted[0]["bridgeId"]?.string, let token = wanted[0]["bridgeToken"]?.string
        else { throw .body("bridges") }
        guard let bridge = bridges[id], bridge.token == token else { throw .body("bridges") }
        let isIgnored = call.request.header("X-PSN-SESSION-MANAGER-IGNORE-CONFLICT") == "true"
        let hasStale = bridges.values.contains { $0.accountId == member.key.accountId && $0.id != id }
        if hasStale || party.bridges.contains(where: { $0.id != id }) {
            switch scenario.secondBridge {
            case .allowed: break
            case .conflictUnlessIgnored where isIgnored: break
            default: throw Refusal(.sessionManager, .conflict, "Upper limit exceeded")
            }
        }
        let linked = LinkedBridge(id: id, token: token, etag: Random.hex(bytes: 8))
        parties[party.id]?.bridges.removeAll { $0.id == id }
        parties[party.id]?.bridges.append(linked)
        announceBridge("created", id, of: party.id, by: member)
        let item: JSONValue = ["bridgeId": .string(id), "bridgeEtag": .string(linked.etag)]
        return SimulatedResponse(201, json: ["bridges": [item]])
    }
}
