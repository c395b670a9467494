extension Negotiation.Warning {
    /// Whom it is about.
    var peer: VoicePeer {
        switch self {
        case .engineSilent(let peer), .peerSilent(let peer), .unknownPeer(let peer), .unexpectedAnswer(let peer),
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
        case .engineSilent: PartyError(.timeout, "the engine says nothing for \(peer)", step: "engine")
        case .peerSilent:
            PartyError(
                .timeout, "\(peer) does not answer", step: "signal",
                hint: "voice works only with members who signal; one that just listens does not")
        case .untrusted:
            PartyError(
                .protocolViolation, "a signal that says it is of \(peer) contradicts itself and is not acted upon",
                step: "signal")
        case .sequenceBeyondUse:
            PartyError(
                .protocolViolation,
                "\(peer) numbers its offers beyond \(SequenceCount.highest); our numbers start again at 1",
                step: "signal")
        case .unknownPlatform:
            PartyError(
                .protocolViolation, "how to write to \(peer) is not known; it is answered if it writes first",
                step: "signal")
        case .offerWaits:
            PartyError(
                .engineFailed, "the engine offers to \(peer) too often; its newest offer is sent after a pause",
                step: "engine")
        case .unknownPeer:
            PartyError(
                .engineFailed, "the engine speaks of \(peer), who is not there to be spoken to", step: "engine")
        case .unexpectedAnswer:
            PartyError(
                .engineFailed, "the engine answers an offer of \(peer) that there is not, or not any more",
                step: "engine")
        }
    }
}
