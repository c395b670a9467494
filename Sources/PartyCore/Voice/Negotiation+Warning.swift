extension Negotiation.Warning {
    /// Whom it is about.
    var peer: VoicePeer {
        switch self {
        case .engineSilent(let peer), .peerSilent(let peer, _), .unknownPeer(let peer), .unexpectedAnswer(let peer),
            .sequenceBeyondUse(let peer), .offerWaits(let peer), .unknownPlatform(let peer):
            peer
        case .untrusted(let received): .member(received.signal.from)
        }
    }

    /// Whether the engine has said something that makes no sense.
    var isNonsenseOfTheEngine: Bool {
        switch self {
        case .unknownPeer, .unexpectedAnswer: true
        default: false
        }
    }

    /// The warning as people are told it.
    var error: PartyError {
        switch self {
        case .engineSilent:
            PartyError(.timeout, "the engine sent no offer or answer for \(peer.name) in time", step: "engine")
        case .peerSilent(_, let hadAgreed):
            PartyError(
                .timeout, "\(peer) does not answer our offer", step: "signal",
                hint: hadAgreed ? nil : "a member who does not use voice chat does not answer")
        case .untrusted:
            PartyError(
                .protocolViolation, "a signal in the name of \(peer) names two senders; it was ignored",
                step: "signal")
        case .sequenceBeyondUse:
            PartyError(
                .protocolViolation,
                "the offers of \(peer) have numbers above \(SequenceCount.highest); our own start again at 1",
                step: "signal")
        case .unknownPlatform:
            PartyError(
                .protocolViolation, "the platform number of \(peer) is unknown; we can only answer its offers",
                step: "signal")
        case .offerWaits:
            PartyError(
                .engineFailed, "the engine offers to \(peer) too often; its newest offer is sent after a pause",
                step: "engine")
        case .unknownPeer(.bridge):
            PartyError(
                .engineFailed, "the engine sent an offer for the bridge, which takes only answers", step: "engine")
        case .unknownPeer:
            PartyError(
                .engineFailed, "the engine sent a message for \(peer), which is not in the party", step: "engine")
        case .unexpectedAnswer:
            PartyError(
                .engineFailed, "the engine sent an answer for \(peer.name), but there is no open offer of that peer",
                step: "engine")
        }
    }
}

extension VoicePeer {
    /// The peer in a sentence.
    fileprivate var name: String { self == .bridge ? "the bridge" : description }
}
