/// The engine's side.
extension VoiceRun {
    func tell(_ message: EngineMessage) {
        var json = JSONWriter()
        message.write(to: &json)
        if engine.send(json.bytes) { return }
        finish(.failed(PartyError(.engineFailed, "the engine does not read what it is told", step: "engine")))
    }

    /// Takes what the engine says until it ends or has to.
    func listenToEngine() async -> End {
        for await batch in engine.output {
            for output in batch {
                switch output {
                case .line(let line): if let failure = hear(line) { return .failed(failure) }
                case .lineTooLong(let size):
                    let problem = "the engine wrote a line of \(size) bytes or more"
                    return .failed(PartyError(.engineFailed, problem, step: "engine"))
                case .ended(let end): return .engineGone(end)
                }
            }
        }
        return .cancelled
    }

    /// - Returns: an error where the engine has said too much that makes no sense.
    private func hear(_ line: [UInt8]) -> PartyError? {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { return nil }
        do throws(CodecError) {
            handle(.engineSaid(try EngineMessage(line: line)))
            return nil
        } catch {
            return complain("the engine says what is no message: \(error.problem)", about: nil)
        }
    }

    private func complain(_ problem: String, about peer: VoicePeer?) -> PartyError? {
        warn(peer, PartyError(.engineFailed, problem, step: "engine"))
        garbage += 1
        guard garbage >= options.garbageLimit else { return nil }
        return PartyError(
            .engineFailed, "the engine has said \(garbage) things that make no sense", step: "engine",
            hint: "its standard output is for the protocol alone; what it has to tell people goes to standard error")
    }

    func tellPeople(_ warning: Negotiation.Warning) {
        switch warning {
        case .engineSilent(let peer):
            warn(peer, PartyError(.timeout, "the engine says nothing for \(peer)", step: "engine"))
        case .peerSilent(let peer):
            let hint = "voice works only with members who signal; one that just listens does not"
            warn(peer, PartyError(.timeout, "\(peer) does not answer", step: "signal", hint: hint))
        case .untrusted(let received):
            let sender = VoicePeer.member(received.signal.from)
            let problem = "a signal that says it is of \(sender) contradicts itself and is not acted upon"
            warn(sender, PartyError(.protocolViolation, problem, step: "signal"))
        case .sequenceBeyondUse(let peer):
            let problem = "\(peer) numbers its offers beyond \(SequenceCount.highest); our numbers start again at 1"
            warn(peer, PartyError(.protocolViolation, problem, step: "signal"))
        case .unknownPlatform(let peer):
            let problem = "how to write to \(peer) is not known; it is answered if it writes first"
            warn(peer, PartyError(.protocolViolation, problem, step: "signal"))
        case .unknownPeer(let peer):
            note(complain("the engine speaks of \(peer), who is not there to be spoken to", about: peer))
        case .unexpectedAnswer(let peer):
            note(complain("the engine answers an offer of \(peer) that there is not, or not any more", about: peer))
        }
    }

    private func note(_ failure: PartyError?) {
        if let failure { finish(.failed(failure)) }
    }

    func warn(_ peer: VoicePeer?, _ error: PartyError) {
        guard !isOver else { return }
        report(.warning(peer, error))
    }
}
