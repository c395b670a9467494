extension BridgeSession {
    private static let step = "bridge"

    /// From nothing to an offer; what it has opened when it throws is in the ledger.
    func connect(_ id: PartyID) async throws(PartyError) -> BridgeOffer {
        if let shared = try await sharedBridge(of: id) { return try await join(shared, of: id) }
        let made = try await make(for: id)
        do throws(PartyError) {
            try await pause(environment.settings.voice.linkDelay)
            if environment.rehearse == nil, let shared = try await sharedBridge(of: id) {
                // Somebody else's was linked meanwhile: the party has one for all.
                _ = await takeDown(made)
                return try await join(shared, of: id)
            }
            return try await addPeer(try await link(made))
        } catch {
            guard error.kind == .conflict, error.step == Self.linkStep else { throw error }
            _ = await takeDown(made)
            // Somebody else's came first, then: it is as good as ours (docs/protocol.md, 12).
            guard let shared = try await sharedBridge(of: id) else { throw Self.conflict(error) }
            return try await join(shared, of: id)
        }
    }

    private static let linkStep = "bridge link"

    private static func conflict(_ refusal: PartyError) -> PartyError {
        var error = refusal
        error.hint = nil
        error.remedy = .stopVoice
        return error
    }

    /// The party session's bridge.
    /// - Throws: `.forbidden` where we are not in the party session: only its members are on its bridge.
    private func sharedBridge(of id: PartyID) async throws(PartyError) -> Bridge? {
        let response = try await client.send(client.endpoints.lookUp(id), about: id, step: "look-up")
        let account = try await client.authenticator.token().accountID
        let party = try client.read(response, step: "look-up", SessionPayload.sessions).first { $0.id == id }
        guard let party else { throw PartyClient.noSuchParty(id) }
        guard party.hasMember(account) else {
            throw PartyError(
                .forbidden, "you are not in the party \(id)", step: "look-up", remedy: .joinParty(id))
        }
        return try client.read(response, step: "look-up") { (body) throws(CodecError) in
            try BridgePayload.bridges(of: id, in: body).first
        }
    }

    /// Whether the party session still shows the bridge that we have a place on.
    func isStanding(_ leg: VoiceLeg) async throws(PartyError) -> Bool {
        guard let bridge = leg.bridge else { return false }
        return try await shows(leg.partyID, bridge)
    }

    private func shows(_ id: PartyID, _ bridge: Bridge) async throws(PartyError) -> Bool {
        let response = try await client.send(client.endpoints.lookUp(id), about: id, step: "look-up")
        return try client.read(response, step: "look-up") { (body) throws(CodecError) in
            try BridgePayload.bridges(of: id, in: body)
        }.contains { $0.id == bridge.id }
    }

    private func newLegID() -> String { environment.random.uuid() }

    private func join(_ bridge: Bridge, of id: PartyID) async throws(PartyError) -> BridgeOffer {
        let leg = VoiceLeg(id: newLegID(), partyID: id, openedAt: environment.clock.now(), sharing: bridge)
        return try await addPeer(leg)
    }

    /// Makes a bridge. Only its answer tells its id, so an answer that is lost leaves a bridge that nobody can name: the
    /// ledger then says no more than that there may be one.
    private func make(for id: PartyID) async throws(PartyError) -> VoiceLeg {
        let leg = VoiceLeg(id: newLegID(), partyID: id, openedAt: environment.clock.now())
        return try await carryThrough(step: Self.step) { () async throws(PartyError) in
            try await file.put(leg)
            do throws(PartyError) {
                let response = try await client.rest.send(client.endpoints.createBridge(), step: Self.step)
                var made = leg
                made.bridge =
                    environment.rehearse == nil
                    ? try client.read(response, step: Self.step, BridgePayload.bridge) : .rehearsed
                try await file.put(made)
                return made
            } catch {
                guard error.mayHaveActed else {
                    try await file.remove(leg)
                    throw error
                }
                var error = error
                error.hint =
                    "the service may have made a bridge that nobody can name; it lets go of such a one by itself"
                throw error
            }
        }
    }

    private func link(_ leg: VoiceLeg) async throws(PartyError) -> VoiceLeg {
        guard let bridge = leg.bridge else { return leg }
        return try await carryThrough(step: Self.linkStep) { () async throws(PartyError) in
            do throws(PartyError) {
                let request = client.endpoints.link(bridge, to: leg.partyID)
                _ = try await client.rest.send(request, step: Self.linkStep)
            } catch {
                guard error.mayHaveActed, try await isLinked(bridge, to: leg.partyID) else { throw error }
            }
            var linked = leg
            linked.isLinked = true
            try await file.put(linked)
            return linked
        }
    }

    /// Whether a link whose answer was lost came about.
    private func isLinked(_ bridge: Bridge, to id: PartyID) async throws(PartyError) -> Bool {
        try await client.look { () async throws(PartyError) in
            try await shows(id, bridge) ? true : nil
        } ?? false
    }

    /// Waits as the captured client does between two steps (docs/protocol.md, 5.4).
    private func pause(_ time: Duration) async throws(PartyError) {
        if environment.rehearse == nil { await environment.clock.sleep(time) }
        try Task.checkNotCancelled(step: Self.step)
    }
}

// MARK: - Our place

extension BridgeSession {
    private static let peerStep = "bridge peer"

    private func addPeer(_ known: VoiceLeg) async throws(PartyError) -> BridgeOffer {
        guard let bridge = known.bridge else {
            throw PartyError(.internalFault, "there is no bridge to be on", step: Self.peerStep)
        }
        try await pause(environment.settings.voice.peerDelay)
        // Nobody but us knows a new bridge; on a shared one the others must be told from us if our answer is lost.
        let others = known.isOurs ? [] : try await peers(of: bridge)
        return try await carryThrough(step: Self.peerStep) { () async throws(PartyError) in
            var leg = known
            leg.peer = .asked(others: others)
            try await file.put(leg)
            do throws(PartyError) {
                return try await askForPlace(&leg, on: bridge)
            } catch {
                guard error.mayHaveActed else {
                    try await forgetPlace(&leg)
                    throw error.kind == .conflict ? Self.conflict(error) : error
                }
                return try await regain(&leg, on: bridge, after: error)
            }
        }
    }

    /// A leg on a shared bridge without a place is no leg.
    private func forgetPlace(_ leg: inout VoiceLeg) async throws(PartyError) {
        leg.peer = .none
        if leg.isOurs { try await file.put(leg) } else { try await file.remove(leg) }
    }

    private func askForPlace(_ leg: inout VoiceLeg, on bridge: Bridge) async throws(PartyError) -> BridgeOffer {
        let response = try await client.rest.send(client.endpoints.addPeer(to: bridge), step: Self.peerStep)
        if environment.rehearse != nil { return .rehearsed(leg.partyID, bridge.id) }
        if let id = BridgePayload.peerID(in: response.body) {
            leg.peer = .known(id)
            try await file.put(leg)
        }
        let peer = try client.read(response, step: Self.peerStep, BridgePayload.peer)
        return BridgeOffer(partyID: leg.partyID, bridgeID: bridge.id, peerID: peer.id, sdp: peer.sdp)
    }

    /// After a lost answer: finds our place among those on the bridge and has the bridge make its offer anew.
    private func regain(
        _ leg: inout VoiceLeg, on bridge: Bridge, after error: PartyError
    ) async throws(PartyError) -> BridgeOffer {
        let asked = leg
        let found = try await client.look { () async throws(PartyError) in
            if let known = asked.peerID { return known }
            return asked.lostPeer(among: try await peers(of: bridge), at: environment.clock.now())
        }
        guard let found else { throw error }
        leg.peer = .known(found)
        try await file.put(leg)
        return try await renegotiate(in: leg.partyID)
    }

    func peers(of bridge: Bridge) async throws(PartyError) -> [PeerID] {
        let response = try await client.rest.send(client.endpoints.peers(of: bridge), step: Self.step)
        if environment.rehearse != nil, bridge == .rehearsed { return [] }
        return try client.read(response, step: Self.step, BridgePayload.peers)
    }
}

// A rehearsal has no answers: what would be in them is named in capitals.

extension Bridge {
    static let rehearsed = Bridge(id: BridgeID("BRIDGE"), token: Redacted("BRIDGE_TOKEN"))
}

extension BridgeOffer {
    fileprivate static func rehearsed(_ party: PartyID, _ bridge: BridgeID) -> BridgeOffer {
        BridgeOffer(partyID: party, bridgeID: bridge, peerID: PeerID("PEER"), sdp: "")
    }
}
