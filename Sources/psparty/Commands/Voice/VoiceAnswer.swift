import ArgumentParser
import PartyCore

struct VoiceAnswer: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer", abstract: "Answer the offer of the voice bridge.",
        discussion: "It answers for the place that `psparty voice offer` got last.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The answer: a file, or - for standard input; text or JSON.", valueName: "file|-"))
    var sdp: SDPArgument

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        let text = try await sdp.sdp(context.console)
        let attachment = try await context.withVoice { (_) async throws(PartyError) in
            try await BridgeSession(context.client).answerKept(text)
        }
        return Document(nil, deed: "the answer was posted") { json in
            json.field("partyId", attachment.partyID.text)
            json.field("bridgeId", attachment.bridge?.id.text)
            json.field("peerId", attachment.peerID?.text)
        }
    }
}
