/// What the push stream brings.
extension VoiceRun {
    func take(_ events: [StreamEvent]) {
        for event in events {
            switch event.content {
            case .lifecycle(let lifecycle): take(lifecycle)
            case .party(let event): take(event)
            case .duplicate, .unknownFrame: break
            }
        }
    }

    private func take(_ lifecycle: StreamLifecycle) {
        report(.stream(lifecycle))
        switch lifecycle {
        case .ready where !hasBegun:
            hasBegun = true
            report(.started(party: seat.party, me: .member(seat.me)))
            readRoster()
            openBridge()
        case .resynced(let rejoined):
            let isRejoined = rejoined.contains(seat.party)
            handle(isRejoined ? .rejoined : .streamResumed)
            readRoster()
            if isRejoined { openBridge() }
        default: break
        }
    }

    private func take(_ event: PartyEvent) {
        if event.kind == .voiceSignal, event.partyID == nil || event.partyID == seat.party { return takeSignal(event) }
        guard event.partyID == seat.party else { return }
        switch event.kind {
        case .memberJoined: for endpoint in event.members.compactMap(\.endpoint) { handle(.memberJoined(endpoint)) }
        case .memberLeft: for member in event.members { leave(member) }
        case .partyDeleted: finish(.partyOver)
        case .voiceBridge where event.dataType?.subject == "ps:bridges:deleted": checkBridge()
        default: break
        }
    }

    private func takeSignal(_ event: PartyEvent) {
        if let signal = event.signal { return handle(.signalArrived(signal)) }
        let sender = event.from.map { $0.onlineID ?? $0.accountID.description } ?? "somebody"
        let problem = PartyError(.protocolViolation, "a signal of \(sender) cannot be read", step: "signal")
        report(.warning(event.from?.endpoint.map { .member($0) }, problem))
    }

    /// A frame may leave the platform out; then all devices of the account are meant.
    private func leave(_ member: Member) {
        let gone = negotiation.members.filter { endpoint in
            endpoint.accountID == member.accountID && (member.platform ?? endpoint.platform) == endpoint.platform
        }
        for endpoint in gone { handle(.memberLeft(endpoint)) }
        let isOurs = member.accountID == seat.me.accountID && (member.platform ?? seat.me.platform) == seat.me.platform
        if isOurs, member.platform != nil || gone.isEmpty { finish(.partyOver) }
    }

    /// Asks who is in the party: the stream tells only what changes.
    private func readRoster() {
        Task { [client, seat] in
            do throws(PartyError) {
                let party = try await client.party(seat.party)
                for endpoint in party.endpoints(but: seat.me) { handle(.memberJoined(endpoint)) }
            } catch { warn(nil, error) }
        }
    }
}

extension Member {
    /// The device, as signals name it; `nil` where the frame does not say which it is.
    fileprivate var endpoint: Signal.Endpoint? {
        platform.map { Signal.Endpoint(accountID: accountID, platform: $0) }
    }
}
