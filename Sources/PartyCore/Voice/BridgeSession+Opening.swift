extension BridgeSession {
    private static let step = "bridge"
    private static let linkStep = "bridge link"
    /// A bridge may be deleted while this device joins it, or linked second. Then opening starts again.
    private static let rounds = 4

    /// Opens everything up to the offer. If it throws, the ledger has what it opened.
    ///
    /// Of several bridges that are linked to a party session the first in its list counts, for all members alike. A
    /// member looks before it makes a bridge and again after it has linked it, since others may have linked theirs
    /// meanwhile.
    func connect(
        _ id: PartyID, from known: PartyLook?, _ onLook: @Sendable (PartyLook) async -> Void
    ) async throws(PartyError) -> BridgeOffer {
        var gone: Set<BridgeID> = []
        var seen: PartyLook? = known
        for _ in 0..<Self.rounds {
            let look: PartyLook
            if let seen { look = seen } else { look = try await self.look(id, onLook) }
            seen = nil
            if let shared = look.bridges.first(where: { !gone.contains($0.id) }) {
                do throws(PartyError) { return try await join(shared, of: id) } catch {
                    guard error.kind == .notFound else { throw error }
                    gone.insert(shared.id)
                    continue
                }
            }
            let made = try await make(for: id)
            do throws(PartyError) {
                let linked = try await linkAfterPause(made)
                try await pause(environment.settings.voice.peerDelay)
                guard environment.dryRun == nil else { return try await addPeer(linked) }
                let look = try await self.look(id, onLook)
                let counts = look.bridges.first { !gone.contains($0.id) }
                if counts == nil || counts?.id == linked.bridge?.id { return try await addPeer(linked) }
                // Another member's was linked before ours: the party has one for all.
                await discard(linked)
                seen = look
            } catch {
                guard error.kind == .conflict, error.step == Self.linkStep else { throw error }
                _ = await remove(made)
                // The service says that another bridge came first, which serves as well (docs/protocol.md, 12).
                let look = try await self.look(id, onLook)
                guard look.bridges.contains(where: { !gone.contains($0.id) }) else { throw Self.conflict(error) }
                seen = look
            }
        }
        throw PartyError(
            .conflict, "the party's bridge changes faster than it can be joined", step: Self.step, hint: "try again")
    }

    private func linkAfterPause(_ made: BridgeAttachment) async throws(PartyError) -> BridgeAttachment {
        try await pause(environment.settings.voice.linkDelay)
        return try await link(made)
    }

    /// Deletes the own bridge that was linked second. If that fails, it stays in the ledger; the others do not use it.
    private func discard(_ attachment: BridgeAttachment) async {
        guard let error = await remove(attachment).error else { return }
        environment.notice("a second bridge of the party could not be closed yet: \(error.message)")
    }

    static func conflict(_ refusal: PartyError) -> PartyError {
        var error = refusal
        error.hint = nil
        error.remedy = .stopVoice
        return error
    }

    /// - Throws: `.forbidden` if the account is no member: only members are on the bridge.
    private func look(
        _ id: PartyID, _ onLook: @Sendable (PartyLook) async -> Void
    ) async throws(PartyError) -> PartyLook {
        let look = try await client.look(at: id)
        let account = try await client.authenticator.token().accountID
        guard look.party.hasMember(account) else {
            throw PartyError(
                .forbidden, "you are not in the party \(id)", step: "look-up", remedy: .joinParty(id))
        }
        await onLook(look)
        return look
    }

    /// Whether the place is on the bridge that counts for the party session, which others may have changed meanwhile.
    /// - Returns: `nil` if there is no place.
    func isOnTheBridge(
        of id: PartyID, onLook: @Sendable (PartyLook) async -> Void
    ) async throws(PartyError) -> (isThere: Bool, look: PartyLook)? {
        guard let attachment = try attachments().last(where: { $0.partyID == id && $0.peerID != nil }) else {
            return nil
        }
        let look = try await self.look(id, onLook)
        guard let bridge = attachment.bridge, look.bridges.contains(where: { $0.id == bridge.id }) else {
            return (false, look)
        }
        for other in look.bridges {
            if other.id == bridge.id { break }
            // One that is still in the list but gone does not count.
            do throws(PartyError) {
                _ = try await peers(of: other)
                return (false, look)
            } catch { if error.kind != .notFound { throw error } }
        }
        return (true, look)
    }

    private func newAttachmentID() -> String { environment.random.uuid() }

    private func join(_ bridge: Bridge, of id: PartyID) async throws(PartyError) -> BridgeOffer {
        let attachment = BridgeAttachment(
            id: newAttachmentID(), partyID: id, openedAt: environment.clock.now(), sharing: bridge)
        try await pause(environment.settings.voice.peerDelay)
        return try await addPeer(attachment)
    }

    /// Makes a bridge. Only the response has its id, so a lost response leaves a bridge with an unknown id: the
    /// ledger then only says that there may be one.
    private func make(for id: PartyID) async throws(PartyError) -> BridgeAttachment {
        let attachment = BridgeAttachment(id: newAttachmentID(), partyID: id, openedAt: environment.clock.now())
        // A service that reports a fault may have made a bridge; it removes an unlinked one by itself.
        return try await trying(PostRetry.wait(before:afterReadingBack:)) { () async throws(PartyError) in
            try await make(attachment)
        }
    }

    private func make(_ attachment: BridgeAttachment) async throws(PartyError) -> BridgeAttachment {
        try await carryThrough(step: Self.step) { () async throws(PartyError) in
            try await file.put(attachment)
            do throws(PartyError) {
                let response = try await client.rest.send(client.endpoints.createBridge(), step: Self.step)
                var made = attachment
                made.bridge =
                    environment.dryRun == nil
                    ? try client.read(response, step: Self.step, BridgePayload.bridge) : .placeholder
                try await file.put(made)
                return made
            } catch {
                guard error.mayHaveActed else {
                    try await file.remove(attachment)
                    throw error
                }
                var error = error
                error.hint =
                    "the service may have made a bridge whose id is unknown; it removes such a bridge by itself"
                throw error
            }
        }
    }

    private func link(_ attachment: BridgeAttachment) async throws(PartyError) -> BridgeAttachment {
        guard let bridge = attachment.bridge else { return attachment }
        return try await trying(PostRetry.wait(before:afterReadingBack:)) { () async throws(PartyError) in
            try await link(attachment, bridge)
        }
    }

    private func link(_ attachment: BridgeAttachment, _ bridge: Bridge) async throws(PartyError) -> BridgeAttachment {
        try await carryThrough(step: Self.linkStep) { () async throws(PartyError) in
            do throws(PartyError) {
                let request = client.endpoints.link(bridge, to: attachment.partyID)
                _ = try await client.rest.send(request, step: Self.linkStep)
            } catch {
                guard error.mayHaveActed, try await isLinked(bridge, to: attachment.partyID) else { throw error }
            }
            var linked = attachment
            linked.isLinked = true
            try await file.put(linked)
            return linked
        }
    }

    /// Whether a link whose response was lost was made.
    private func isLinked(_ bridge: Bridge, to id: PartyID) async throws(PartyError) -> Bool {
        try await client.look { () async throws(PartyError) in
            try await client.look(at: id).bridges.contains { $0.id == bridge.id } ? true : nil
        } ?? false
    }

    /// Waits as the captured client does between two steps (docs/protocol.md, 5.4).
    private func pause(_ time: Duration) async throws(PartyError) {
        if environment.dryRun == nil { await environment.clock.sleep(time) }
        try Task.checkNotCancelled(step: Self.step)
    }
}

// A dry run has no responses: their values are written as names in capitals.

extension Bridge {
    static let placeholder = Bridge(id: BridgeID("BRIDGE"), token: Redacted("BRIDGE_TOKEN"))
}

extension BridgeOffer {
    static func placeholder(_ party: PartyID, _ bridge: BridgeID) -> BridgeOffer {
        BridgeOffer(partyID: party, bridgeID: bridge, peerID: PeerID("PEER"), sdp: "")
    }
}
