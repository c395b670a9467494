/// The party's voice bridge and the place of this device on it: opens, answers and removes them (docs/protocol.md, 5).
///
/// It keeps no state in memory. What was opened is in the profile's ledger before the next request is sent, and what is
/// about to be opened before its own, so that another run can close what this one left, after any end.
package struct BridgeSession: Sendable {
    let client: PartyClient
    let file: LedgerFile

    package init(_ client: PartyClient) {
        self.client = client
        file = LedgerFile(environment: client.environment)
    }

    var environment: PartyEnvironment { client.environment }

    /// The attachments that this profile has open, also after a crash.
    /// - Throws: `.storage` if the ledger cannot be read.
    package func attachments() throws(PartyError) -> [BridgeAttachment] {
        try file.ledger().attachments
    }

    /// Forgets the attachments of the accounts of a profile that was signed out, with their tokens, also of earlier sign-ins.
    /// The numbers of the signals stay, as they must grow.
    /// - Returns: the attachments that were open. They cannot be removed any more.
    package func forgetAttachments() async throws(PartyError) -> [BridgeAttachment] {
        var attachments: [BridgeAttachment] = []
        for folder in environment.store.accountFolders().sorted() {
            attachments += try await forgetAttachments(inFolder: folder)
        }
        return attachments
    }

    private func forgetAttachments(inFolder folder: String) async throws(PartyError) -> [BridgeAttachment] {
        let files = environment.files(inFolder: folder)
        guard try files.load(.voice) != nil else { return [] }
        do throws(PartyError) {
            return try await LedgerFile(environment: environment, folder: folder).change { ledger in
                defer { ledger.attachments = [] }
                return ledger.attachments
            }
        } catch {
            // It may hold tokens although it cannot be read.
            guard error.kind == .storage else { throw error }
            try files.erase(.voice)
            return []
        }
    }

    /// Uses the party's bridge, or makes one and links it, and asks for a place on it. Leftovers of an
    /// earlier run are closed first. If it fails or is cancelled, it closes what it has opened.
    /// - Throws: `.forbidden` if the account is no member; `.conflict` if the service refuses the link of a bridge
    ///   and shows none, or if this device has a place already.
    package func open(_ id: PartyID) async throws(PartyError) -> BridgeOffer {
        try await open(id, from: nil) { _ in }
    }

    /// The same for a process that ends now and leaves the place open for an answer that follows.
    package func openAndKeep(_ id: PartyID) async throws(PartyError) -> BridgeOffer {
        let offer = try await open(id)
        guard environment.dryRun == nil else { return offer }
        try await file.change { ledger in
            guard var kept = ledger.attachments.last(where: { $0.peerID == offer.peerID }) else { return }
            kept.isKept = true
            ledger.put(kept)
        }
        return offer
    }

    /// The place that an earlier process left open on purpose, which the user may still need.
    package func kept() throws(PartyError) -> BridgeAttachment? {
        try attachments().last { $0.isKept }
    }

    /// The same for a caller that has looked the party session up already, or wants to see what is looked up.
    func open(
        _ id: PartyID, from known: PartyLook?, onLook: @Sendable (PartyLook) async -> Void
    ) async throws(PartyError) -> BridgeOffer {
        try await clear()
        let before = try attachments().map(\.id)
        do throws(PartyError) {
            let offer = try await connect(id, from: known, onLook)
            try Task.checkNotCancelled(step: "bridge")
            return offer
        } catch {
            for attachment in (try? attachments()) ?? [] where !before.contains(attachment.id) {
                // A bridge whose id never came stays written down, so that `voice status` can tell of it.
                if attachment.bridge != nil { _ = await remove(attachment) }
            }
            throw error
        }
    }

    /// Answers the bridge's offer.
    /// - Parameter id: the party session of the bridge; `nil` for the bridge that was opened last.
    /// - Throws: `.notFound` if this profile has no place on it.
    @discardableResult
    package func answer(_ sdp: String, in id: PartyID? = nil) async throws(PartyError) -> BridgeAttachment {
        try await answer(sdp, at: try place { id == nil || $0.partyID == id })
    }

    /// Answers the bridge's offer at the place that an earlier process has left open on purpose.
    /// - Throws: `.notFound` where there is none.
    package func answerKept(_ sdp: String) async throws(PartyError) -> BridgeAttachment {
        try await answer(sdp, at: try place(\.isKept))
    }

    private typealias Place = (attachment: BridgeAttachment, bridge: Bridge, peer: PeerID)

    private func answer(_ sdp: String, at place: Place) async throws(PartyError) -> BridgeAttachment {
        let (attachment, bridge, peer) = place
        return try await trying(PostRetry.wait(before:after:)) { () async throws(PartyError) in
            try await carryThrough(step: "answer") { () async throws(PartyError) in
                let request = client.endpoints.answer(sdp, from: peer, of: bridge)
                _ = try await client.rest.send(request, step: "answer")
                var answered = attachment
                answered.isAnswered = true
                try await file.put(answered)
                return answered
            }
        }
    }

    /// Requests a new offer of the bridge for the present place.
    package func renegotiate(in id: PartyID? = nil) async throws(PartyError) -> BridgeOffer {
        let (attachment, bridge, peer) = try place { id == nil || $0.partyID == id }
        // Sent twice it makes two offers, of which the last counts.
        let response = try await trying(PostRetry.wait(before:afterReadingBack:)) { () async throws(PartyError) in
            try await client.rest.send(client.endpoints.renegotiate(peer, of: bridge), step: "bridge offer")
        }
        let sdp = try client.read(response, step: "bridge offer", BridgePayload.offer)
        return BridgeOffer(partyID: attachment.partyID, bridgeID: bridge.id, peerID: peer, sdp: sdp)
    }

    private func place(_ isMeant: (BridgeAttachment) -> Bool) throws(PartyError) -> Place {
        let open = try attachments().last { $0.peerID != nil && isMeant($0) }
        guard let open, let bridge = open.bridge, let peer = open.peerID else {
            throw PartyError(
                .notFound, "this profile is on no voice bridge", step: "bridge",
                remedy: .openVoice)
        }
        return (open, bridge, peer)
    }

    /// Retries where that is safe. The waits end if the task is cancelled.
    func trying<Value: Sendable>(
        _ wait: (_ attempt: Int, _ error: PartyError) -> Duration?, _ body: () async throws(PartyError) -> Value
    ) async throws(PartyError) -> Value {
        var attempt = 1
        while true {
            do throws(PartyError) { return try await body() } catch {
                guard let wait = wait(attempt, error) else { throw error }
                await environment.clock.sleep(wait)
                guard !Task.isCancelled else { throw error }
                attempt += 1
            }
        }
    }

    /// Sends what opens or changes something and writes its outcome down, also when the task is cancelled meanwhile: an
    /// answer that is thrown away is something left behind.
    func carryThrough<Value: Sendable>(
        step: String, _ body: @escaping @Sendable () async throws(PartyError) -> Value
    ) async throws(PartyError) -> Value {
        try Task.checkNotCancelled(step: step)
        let work = Task { () async -> Result<Value, PartyError> in
            do throws(PartyError) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try await work.value.get()
    }
}
