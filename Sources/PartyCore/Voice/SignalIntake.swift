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
            return .reject(sender, problem: "a signal of \(name(event)) cannot be read")
        }
        let signal = received.signal
        guard signal.to == me, signal.from != me else { return .ignore }
        let sender = VoicePeer.member(signal.from)
        guard received.isTrusted else {
            return .reject(sender, problem: "a signal that says it is of \(sender) contradicts itself")
        }
        // The text alone proves nothing: the frame is the service's word, the header at least agrees with the text.
        guard event.from != nil || !received.oddities.contains(.textType) else {
            return .reject(nil, problem: "nothing vouches for the sender of a signal that says it is of \(sender)")
        }
        guard signal.kind == .offer || signal.kind == .answer else { return .ignore }
        if let problem = problem(of: signal) { return .reject(sender, problem: "\(sender) signals \(problem)") }
        return .take(received)
    }

    private static func problem(of signal: Signal) -> String? {
        guard signal.sdpSequence.utf8.count <= longestSequence else { return "with a number that is too long" }
        return problem(ofDescription: signal.sdp)
    }

    /// - Returns: the problem of a session description, as a clause; `nil` if an engine may get it.
    static func problem(ofDescription sdp: String?) -> String? {
        guard let sdp else { return "without a session description" }
        guard sdp.utf8.count <= longestDescription else {
            return "a session description of \(sdp.utf8.count) bytes; \(longestDescription) is the limit"
        }
        do throws(CodecError) { _ = try SessionDescription.text(in: Array(sdp.utf8)) } catch {
            return "what is no session description: \(error.problem)"
        }
        // Text that starts as JSON was read for what is in it; here it would be passed on as it is.
        return sdp.utf8.starts(with: "v=0".utf8) ? nil : "what is no session description"
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
