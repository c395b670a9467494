/// The service's side: signals to members, and the bridge.
extension VoiceRun {
    /// An engine that makes more of them than can be sent is broken.
    private static let waitingLimit = 128

    func perform(_ action: Negotiation.Action) {
        switch action {
        case .tellEngine(let message):
            tell(message)
            if case .bye(let peer) = message { report(.left(peer)) }
        case .send(let signal, let endpoint): post(signal, to: endpoint)
        case .answerBridge(let sdp): answerBridge(sdp)
        case .dropBridge: dropBridge()
        case .reportAgreed(let peer): report(.agreed(peer))
        case .warn(let warning): tellPeople(warning)
        }
    }

    /// One message after the other to each member, and none waits for another member's.
    private func post(_ signal: Signal, to endpoint: Signal.Endpoint) {
        guard waitingSignals < Self.waitingLimit else {
            return finish(
                .failed(PartyError(.engineFailed, "the engine says more than can be sent", step: "engine")))
        }
        waitingSignals += 1
        let before = outbox[endpoint]
        outbox[endpoint] = Task {
            await before?.value
            await deliver(signal, to: endpoint)
        }
    }

    private func deliver(_ signal: Signal, to endpoint: Signal.Endpoint) async {
        defer { waitingSignals -= 1 }
        guard !isOver else { return }
        do throws(PartyError) {
            try await SignalChannel(client).send(signal, to: endpoint, in: seat.party)
        } catch {
            warn(.member(endpoint), error)
            handle(.sendFailed(signal, isTransient: error.isWorthAnotherTry))
        }
    }

    // MARK: The bridge

    func openBridge() {
        guard options.usesBridge else { return }
        queueOnBridge { run throws(PartyError) in
            let offer = try await BridgeSession(run.client).open(run.seat.party)
            await run.handle(.bridgeOffered(sdp: offer.sdp))
        }
    }

    private func answerBridge(_ sdp: String) {
        queueOnBridge { run throws(PartyError) in
            try await BridgeSession(run.client).answer(sdp, in: run.seat.party)
        }
    }

    /// A bridge goes with whoever made it, and everybody's place with it: who is still there gets another. All find out at
    /// the same time, so that one should come first, whose bridge the others then find.
    func checkBridge() {
        queueOnBridge { run throws(PartyError) in
            let session = BridgeSession(run.client)
            let place = try session.legs().last { $0.partyID == run.seat.party && $0.peerID != nil }
            guard let place, try await !session.isStanding(place) else { return }
            await run.loseBridge()
            _ = try await session.close(run.seat.party)
            let environment = run.client.environment
            await environment.clock.sleep(.milliseconds(Int64(environment.random.fraction() * 3000)))
            try Task.checkNotCancelled(step: "bridge")
            let offer = try await session.open(run.seat.party)
            await run.handle(.bridgeOffered(sdp: offer.sdp))
        }
    }

    private func loseBridge() {
        warn(.bridge, PartyError(.notFound, "the party's bridge was taken down by whoever made it", step: "bridge"))
        handle(.bridgeLost)
    }

    private func dropBridge() {
        queueOnBridge { run throws(PartyError) in _ = try await BridgeSession(run.client).close() }
    }

    /// What is done on the bridge is done one after the other. Voice between members goes without a bridge, so that a
    /// failure is told and no more.
    private func queueOnBridge(_ body: @escaping @Sendable (VoiceRun) async throws(PartyError) -> Void) {
        // The stream may become ready in the midst of the end: what is opened then, nobody would close.
        guard !isOver else { return }
        let before = bridgeWork
        bridgeWork = Task {
            await withTaskCancellationHandler {
                await before?.value
            } onCancel: {
                before?.cancel()
            }
            guard !Task.isCancelled else { return }
            do throws(PartyError) { try await body(self) } catch { warn(.bridge, error) }
        }
    }

    /// Takes our place on the bridge down, also when it has just been asked for.
    func closeBridge() async {
        guard let bridgeWork else { return }
        bridgeWork.cancel()
        await bridgeWork.value
        do throws(PartyError) {
            for closing in try await BridgeSession(client).close() {
                if let error = closing.error { report(.warning(.bridge, error)) }
            }
        } catch { report(.warning(.bridge, error)) }
    }
}

extension PartyError {
    /// Whether the same may go through a little later.
    fileprivate var isWorthAnotherTry: Bool {
        switch kind {
        case .unreachable, .rateLimited, .timeout, .tls: true
        default: false
        }
    }
}
