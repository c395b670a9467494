/// The inputs and actions of a negotiation.
extension Negotiation {
    /// An event.
    package enum Input: Sendable, Equatable {
        /// The member's device is in the party. Repeated, it changes nothing.
        case memberJoined(Signal.Endpoint)
        case memberLeft(Signal.Endpoint)
        case signalArrived(ReceivedSignal)
        case bridgeOffered(sdp: String)
        /// The bridge was deleted by the member that made it.
        case bridgeLost
        /// `offer`, `answer` or `bye`, or `want-offer` for the bridge; only psparty sends the other messages.
        case engineSaid(EngineMessage)
        /// An own signal was delivered.
        case delivered(Signal)
        /// The answer to the bridge was delivered.
        case bridgeAnswered
        /// An own signal was not delivered.
        case sendFailed(Signal, isTransient: Bool)
        /// The stream was interrupted: signals may have been lost.
        case streamResumed
        /// The account was dropped from the party and joined again: for the others it is new.
        case rejoined
        /// `deadline` has passed.
        case ticked
    }

    /// An action. Actions are executed in order.
    package enum Action: Sendable, Equatable {
        case tellEngine(EngineMessage)
        /// A message to one device; the recipient's platform is the word of the roster.
        case send(Signal, to: Signal.Endpoint)
        case answerBridge(sdp: String)
        /// The engine no longer wants the bridge.
        case dropBridge
        /// The engine wants a new offer of the bridge: its connection has failed.
        case renewBridge
        /// An offer and its answer are exchanged, and the own one was delivered.
        case reportAgreed(VoicePeer)
        case warn(Warning)
    }

    /// A warning for people.
    package enum Warning: Sendable, Equatable {
        /// The engine is late with an offer or an answer.
        case engineSilent(VoicePeer)
        /// No own offer was answered.
        case peerSilent(VoicePeer)
        /// The parts of a signal name different senders.
        case untrusted(ReceivedSignal)
        /// The engine names a peer that is not there.
        case unknownPeer(VoicePeer)
        /// The engine answers without an offer.
        case unexpectedAnswer(VoicePeer)
        /// The peer's numbers exceed the range; the own numbers start again.
        case sequenceBeyondUse(VoicePeer)
        /// The engine offers too often; the newest offer waits. Reported once for each peer.
        case offerWaits(VoicePeer)
        /// The number of that platform in signals is unknown (docs/protocol.md, 4.0).
        case unknownPlatform(VoicePeer)
    }
}
