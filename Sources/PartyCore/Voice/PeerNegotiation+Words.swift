/// What a peer's negotiation is told, and what it asks for.
extension PeerNegotiation {
    /// An offer or answer of the other side.
    struct Message: Sendable, Equatable {
        let sdp: String
        /// Its number among the negotiations of this connection; an answer repeats its offer's.
        let sequence: String
        /// Its place among all that the other side's process has sent.
        let global: Int64
    }

    enum Input: Sendable, Equatable {
        case joined, resumed, ticked
        case offered(Message)
        case answered(Message)
        case engineOffered(sdp: String)
        case engineAnswered(sdp: String)
        case engineLeft
        /// The answer got through; of a bridge there is but one at a time, without a number.
        case answerDelivered(sequence: String?)
        case sendFailed(sequence: String, isTransient: Bool)
    }

    enum Step: Sendable, Equatable {
        case askForOffer
        case tellOffer(sdp: String)
        case tellAnswer(sdp: String)
        case send(Signal.Kind, sdp: String, sequence: String)
        case reportAgreed
        case warnEngineSilent, warnPeerSilent, warnUnexpectedAnswer, warnSequenceBeyondUse, warnOfferWaits
    }
}
