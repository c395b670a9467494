/// What a negotiation is told, and what it wants done.
extension Negotiation {
    /// What has happened.
    package enum Input: Sendable, Equatable {
        /// The member's device is in the party; told again, it changes nothing.
        case memberJoined(Signal.Endpoint)
        case memberLeft(Signal.Endpoint)
        case signalArrived(ReceivedSignal)
        case bridgeOffered(sdp: String)
        /// Whoever made the bridge has taken it down.
        case bridgeLost
        /// `offer`, `answer` or `bye`, or `want-offer` for the bridge; what else a message may be comes from us.
        case engineSaid(EngineMessage)
        /// A signal of ours got through.
        case delivered(Signal)
        /// Our answer to the bridge got through.
        case bridgeAnswered
        /// A signal of ours did not get through.
        case sendFailed(Signal, isTransient: Bool)
        /// The stream was away: signals may have been lost.
        case streamResumed
        /// We fell out of the party and are back: for the others we are new.
        case rejoined
        /// `deadline` has passed.
        case ticked
    }

    /// What is to be done, in order.
    package enum Action: Sendable, Equatable {
        case tellEngine(EngineMessage)
        /// One message to one device; the platform of the recipient is the roster's word.
        case send(Signal, to: Signal.Endpoint)
        case answerBridge(sdp: String)
        /// The engine wants none of it any more.
        case dropBridge
        /// The engine wants a new offer of the bridge: its connection has failed.
        case renewBridge
        /// An offer and its answer are exchanged: ours got through.
        case reportAgreed(VoicePeer)
        case warn(Warning)
    }

    /// What people should know.
    package enum Warning: Sendable, Equatable {
        /// The engine owes an offer or an answer and is late.
        case engineSilent(VoicePeer)
        /// No answer has come to any of our offers.
        case peerSilent(VoicePeer)
        /// A signal whose parts do not agree on who sent it.
        case untrusted(ReceivedSignal)
        /// The engine names somebody who is not there.
        case unknownPeer(VoicePeer)
        /// The engine answers what nobody offered.
        case unexpectedAnswer(VoicePeer)
        /// The peer numbers its offers beyond what can be counted on; our numbers start again.
        case sequenceBeyondUse(VoicePeer)
        /// The engine offers more often than is sent; the newest offer waits. Told once for each peer.
        case offerWaits(VoicePeer)
        /// Nothing is known of how to name that platform in a signal (docs/protocol.md, 4.0).
        case unknownPlatform(VoicePeer)
    }
}
