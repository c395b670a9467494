extension BridgeSession {
    /// The result of removing one attachment.
    package struct Closing: Sendable, Equatable {
        /// The attachment as it was.
        package let attachment: BridgeAttachment
        /// Why it is still there; `nil` if it was removed.
        package let error: PartyError?
        /// Whether something without a known id may be left at the service, which cannot be removed. The service removes a bridge
        /// that is linked to nothing, and of a peer whose device is gone, by itself.
        package let mayHaveLeftSomething: Bool
    }

    /// Removes everything that this profile has open, or has open in one party session: its places, and the bridges that it made.
    /// It is no error if the service does not know them any more. It completes also if the task is cancelled.
    /// - Returns: one result for each attachment; those that failed stay in the ledger.
    package func close(_ id: PartyID? = nil) async throws(PartyError) -> [Closing] {
        var closings: [Closing] = []
        for attachment in try attachments() where id == nil || attachment.partyID == id {
            closings.append(await remove(attachment))
        }
        return closings
    }

    /// Removes what earlier runs left. A failure is reported, and does not prevent a new attachment.
    func clear() async throws(PartyError) {
        for closing in try await close() {
            guard let error = closing.error else { continue }
            guard error.kind != .cancelled, error.kind != .signIn else { throw error }
            environment.notice("an earlier voice connection could not be closed: \(error.message)")
        }
    }

    /// Removes one attachment, also if the task is cancelled.
    func remove(_ attachment: BridgeAttachment) async -> Closing {
        await Task { () async -> Closing in
            do throws(PartyError) {
                let isLost = try await removalSteps(attachment)
                return Closing(attachment: attachment, error: nil, mayHaveLeftSomething: isLost)
            } catch {
                return Closing(attachment: attachment, error: error, mayHaveLeftSomething: false)
            }
        }.value
    }

    /// - Returns: whether something may be left whose id is unknown.
    private func removalSteps(_ known: BridgeAttachment) async throws(PartyError) -> Bool {
        var attachment = known
        guard let bridge = attachment.bridge else {
            try await file.remove(attachment)
            return true
        }
        let (isLost, failure) = await leavePlace(&attachment, on: bridge)
        if attachment.isOurs {
            // Deleting the bridge also removes the places on it, so a failed removal of the place does not matter.
            try await send(client.endpoints.delete(bridge), step: "bridge removal")
        } else if let failure {
            throw failure
        }
        try await file.remove(attachment)
        return isLost && !attachment.isOurs
    }

    private func leavePlace(
        _ attachment: inout BridgeAttachment, on bridge: Bridge
    ) async -> (isLost: Bool, failure: PartyError?) {
        do throws(PartyError) {
            var isLost = false
            if case .asked = attachment.peer, !attachment.isOurs { isLost = try await find(&attachment, on: bridge) }
            guard let peer = attachment.peerID else { return (isLost, nil) }
            try await send(client.endpoints.remove(peer, from: bridge), step: "peer removal")
            attachment.peer = .none
            if attachment.isOurs { try await file.put(attachment) }
            return (false, nil)
        } catch { return (false, error) }
    }

    /// Finds the place whose id never arrived.
    /// - Returns: whether there may be one that cannot be distinguished from other members' places.
    private func find(_ attachment: inout BridgeAttachment, on bridge: Bridge) async throws(PartyError) -> Bool {
        let present: [PeerID]
        do throws(PartyError) {
            present = try await peers(of: bridge)
        } catch {
            guard error.kind == .notFound else { throw error }
            return false
        }
        guard let lost = attachment.lostPeer(among: present, at: environment.clock.now()) else {
            return !present.isEmpty
        }
        attachment.peer = .known(lost)
        return false
    }

    /// 404 counts as removed.
    private func send(_ request: RESTRequest, step: String) async throws(PartyError) {
        do throws(PartyError) {
            _ = try await client.rest.send(request, step: step)
        } catch {
            guard error.kind == .notFound else { throw error }
        }
    }
}
