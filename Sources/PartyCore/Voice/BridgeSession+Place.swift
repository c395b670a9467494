/// The place of this device on a bridge.
extension BridgeSession {
    private static let peerStep = "bridge peer"

    func addPeer(_ known: BridgeAttachment) async throws(PartyError) -> BridgeOffer {
        guard let bridge = known.bridge else {
            throw PartyError(.internalFault, "there is no bridge to be on", step: Self.peerStep)
        }
        // Only this profile knows a new bridge. On a shared one, a lost response must not make the other places look like this one.
        let others = known.isOurs ? [] : try await peers(of: bridge)
        var offer = try await trying(PostRetry.wait(before:afterReadingBack:)) { () async throws(PartyError) in
            try await addPeer(known, to: bridge, besides: others)
        }
        offer.others = others.count
        return offer
    }

    private func addPeer(
        _ known: BridgeAttachment, to bridge: Bridge, besides others: [PeerID]
    ) async throws(PartyError) -> BridgeOffer {
        try await carryThrough(step: Self.peerStep) { () async throws(PartyError) in
            var attachment = known
            attachment.peer = .asked(others: others)
            try await file.put(attachment)
            do throws(PartyError) {
                return try await askForPlace(&attachment, on: bridge)
            } catch {
                guard error.mayHaveActed else {
                    try await forgetPlace(&attachment)
                    throw error.kind == .conflict ? Self.conflict(error) : error
                }
                return try await regain(&attachment, on: bridge, after: error)
            }
        }
    }

    /// An attachment on a shared bridge without a place is no attachment.
    private func forgetPlace(_ attachment: inout BridgeAttachment) async throws(PartyError) {
        attachment.peer = .none
        if attachment.isOurs { try await file.put(attachment) } else { try await file.remove(attachment) }
    }

    private func askForPlace(_ attachment: inout BridgeAttachment, on bridge: Bridge) async throws(PartyError)
        -> BridgeOffer
    {
        let response = try await client.rest.send(client.endpoints.addPeer(to: bridge), step: Self.peerStep)
        if environment.dryRun != nil { return .placeholder(attachment.partyID, bridge.id) }
        if let id = BridgePayload.peerID(in: response.body) {
            attachment.peer = .known(id)
            try await file.put(attachment)
        }
        let peer = try client.read(response, step: Self.peerStep, BridgePayload.peer)
        return BridgeOffer(partyID: attachment.partyID, bridgeID: bridge.id, peerID: peer.id, sdp: peer.sdp)
    }

    /// After a lost response: finds the own place on the bridge and requests a new offer.
    private func regain(
        _ attachment: inout BridgeAttachment, on bridge: Bridge, after error: PartyError
    ) async throws(PartyError) -> BridgeOffer {
        let asked = attachment
        let found = try await client.look { () async throws(PartyError) in
            if let known = asked.peerID { return known }
            return asked.lostPeer(among: try await peers(of: bridge), at: environment.clock.now())
        }
        guard let found else { throw error }
        attachment.peer = .known(found)
        try await file.put(attachment)
        return try await renegotiate(in: attachment.partyID)
    }

    func peers(of bridge: Bridge) async throws(PartyError) -> [PeerID] {
        let response = try await client.rest.send(client.endpoints.peers(of: bridge), step: Self.peerStep)
        if environment.dryRun != nil, bridge == .placeholder { return [] }
        return try client.read(response, step: Self.peerStep, BridgePayload.peers)
    }
}
