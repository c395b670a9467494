/// Checks the signals of members before they are processed. A member can write anything into a signal. Pure.
enum SignalIntake {
    enum Verdict: Sendable, Equatable {
        case take(ReceivedSignal)
        /// For another device, or of an unknown kind.
        case ignore
        /// Must not be processed; the problem is a clause for people.
        case reject(VoicePeer?, problem: String)
    }

    /// The longest session description that the engine gets; one of a WebRTC stack has about 5 kB.
    static let longestDescription = 64 << 10
    /// A number of a negotiation is repeated in the answer to it.
    static let longestSequence = 64

    /// - Parameter me: the own device.
    static func judge(_ event: PartyEvent, for me: Signal.Endpoint) -> Verdict {
        guard let received = event.signal else {
            let sender = event.from?.endpoint.map { VoicePeer.member($0) }
            return .reject(sender, problem: "a signal of \(name(event)) cannot be decoded")
        }
        let signal = received.signal
        guard signal.to == me, signal.from != me else { return .ignore }
        let sender = VoicePeer.member(signal.from)
        guard received.isTrusted else {
            return .reject(sender, problem: "a signal in the name of \(sender) names two senders")
        }
        // The text alone proves nothing: the frame is the service's word, the header at least agrees with the text.
        guard event.from != nil || !received.oddities.contains(.textType) else {
            return .reject(nil, problem: "a signal in the name of \(sender) has no proof of its sender")
        }
        guard signal.kind == .offer || signal.kind == .answer else { return .ignore }
        if let problem = problem(of: signal) { return .reject(sender, problem: "\(sender) sent \(problem)") }
        return .take(received)
    }

    private static func problem(of signal: Signal) -> String? {
        guard signal.sdpSequence.utf8.count <= longestSequence else {
            return "a negotiation number of more than \(longestSequence) bytes"
        }
        return problem(ofDescription: signal.sdp)
    }

    /// - Returns: the bad session description, as the object of a sentence; `nil` if an engine may get it.
    static func problem(ofDescription sdp: String?) -> String? {
        guard let sdp else { return "no session description" }
        guard sdp.utf8.count <= longestDescription else {
            return "a session description of \(sdp.utf8.count) bytes, more than \(longestDescription)"
        }
        do throws(CodecError) { _ = try SessionDescription.text(in: Array(sdp.utf8)) } catch {
            return "an invalid session description: \(error.problem)"
        }
        // Text that starts as JSON was read for what is in it; here it would be passed on as it is.
        return sdp.utf8.starts(with: "v=0".utf8) ? nil : "an invalid session description: it does not start with v=0"
    }

    private static func name(_ event: PartyEvent) -> String {
        event.from.map { $0.onlineID ?? $0.accountID.description } ?? "an unknown member"
    }
}

extension Member {
    /// The device, as signals name it; `nil` if the frame does not name it.
    var endpoint: Signal.Endpoint? {
        platform.map { Signal.Endpoint(accountID: accountID, platform: $0) }
    }
}
