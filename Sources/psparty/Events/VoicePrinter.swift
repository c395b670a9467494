import PartyCore
import PartyLive

/// Prints the reports of a voice run: notices for people, and with `--json` lines for scripts.
struct VoicePrinter: Sendable {
    private let context: CommandContext
    private let output: LineSpool

    /// - Parameter onFailure: called when the reader has closed the pipe, or a write failed.
    init(_ context: CommandContext, onFailure: @escaping @Sendable () -> Void) {
        self.context = context
        output = context.console.spool(context.spillPolicy, onFailure: onFailure)
    }

    func print(_ report: VoiceRun.Report) {
        if case .leftOpen(let attachment, let error) = report {
            // Also with --quiet: no other output reports it.
            context.console.errorOutput(Failure(leftOver(attachment, error)).text)
        } else if let words = Self.words(report) {
            context.notice(words)
        }
        guard context.options.json, let line = line(report) else { return }
        output.put(context.console.shown(line), count: 1)
    }

    func finish() async throws(PartyError) {
        try await output.finish(context.clock)
    }

    private func leftOver(_ attachment: BridgeAttachment, _ reason: PartyError) -> PartyError {
        var error = reason
        let what = attachment.isOurs ? "the voice bridge" : "the peer on the voice bridge"
        error.message = "\(what) of party \(attachment.partyID) could not be closed: \(reason.message)"
        (error.hint, error.remedy) = (nil, .takeDownVoice)
        return error.worded(for: context.configuration.invocation)
    }

    private static func words(_ report: VoiceRun.Report) -> String? {
        switch report {
        case .started(let party, let me): "psparty: in voice of party \(party) as \(me)".displayed
        case .agreed(let peer): "psparty: offer and answer exchanged with \(peer)".displayed
        case .left(let peer): "psparty: \(peer) has left".displayed
        case .warning(_, let error): String(Failure(error).text.dropLast())
        case .stream(let lifecycle): lifecycle.words.isEmpty ? nil : "psparty: \(lifecycle.words.displayed)"
        case .stopping, .leftOpen: nil
        }
    }

    private func line(_ report: VoiceRun.Report) -> [UInt8]? {
        let (type, peer, message): (String, VoicePeer?, String?)
        switch report {
        case .started(_, let me): (type, peer, message) = ("voice.started", me, nil)
        case .agreed(let other): (type, peer, message) = ("peer.agreed", other, nil)
        case .left(let other): (type, peer, message) = ("peer.left", other, nil)
        case .warning(let other, let error): (type, peer, message) = ("voice.warning", other, error.message)
        case .stopping: (type, peer, message) = ("voice.stopping", nil, nil)
        case .leftOpen(let attachment, let error):
            (type, peer, message) = ("voice.warning", .bridge, leftOver(attachment, error).message)
        case .stream: return nil
        }
        return JSONWriter.text { json in
            json.object { json in
                json.field("time", context.clock.now())
                json.field("type", type)
                json.field("peer", peer?.description)
                json.field("message", message)
            }
        } + [0x0A]
    }
}
