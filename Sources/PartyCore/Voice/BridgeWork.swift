/// The work of a voice run on the party's bridge.
struct BridgeWork: Sendable {
    let session: BridgeSession
    let party: PartyID
    let tell: @Sendable (BridgeQueue.News) async -> Void

    /// Members who lose their bridge find out at the same time: one should come first, whose bridge the others then find.
    private static let longestPause = 3000.0

    func isOpen() throws(PartyError) -> Bool {
        try session.attachments().contains { $0.partyID == party && $0.peerID != nil }
    }

    func open(from look: PartyLook? = nil) async throws(PartyError) {
        let offer = try await session.open(party, from: look) { await tell(.looked($0)) }
        try await pass(offer)
    }

    func answer(_ sdp: String) async throws(PartyError) {
        try await session.answer(sdp, in: party)
        await tell(.answered)
    }

    /// Requests a new offer of the bridge: the answer may not have arrived, or the engine's connection has failed.
    func renew() async throws(PartyError) {
        guard try isOpen() else { return try await open() }
        try await pass(try await session.renegotiate(in: party))
    }

    /// Checks whether the place is still on the party's bridge, and moves it if it is not.
    /// - Returns: whether it was moved.
    func check() async throws(PartyError) -> Bool {
        guard let (isThere, look) = try await session.isOnTheBridge(of: party, onLook: { await tell(.looked($0)) }),
            !isThere
        else { return false }
        let what = look.bridges.isEmpty ? "was deleted by the member who made it" : "was replaced by another one"
        await tell(.lost(PartyError(.notFound, "the party's bridge \(what)", step: "bridge")))
        _ = try await session.close(party)
        guard look.bridges.isEmpty else {
            try await open(from: look)
            return true
        }
        let environment = session.environment
        await environment.clock.sleep(.milliseconds(Int64(environment.random.fraction() * Self.longestPause)))
        try Task.checkNotCancelled(step: "bridge")
        try await open()
        return true
    }

    func drop() async throws(PartyError) {
        _ = try await session.close(party)
    }

    private func pass(_ offer: BridgeOffer) async throws(PartyError) {
        if let problem = SignalIntake.problem(ofDescription: offer.sdp) {
            throw PartyError(.protocolViolation, "the bridge sent \(problem)", step: "bridge")
        }
        await tell(.offered(sdp: offer.sdp, others: offer.others))
    }
}
