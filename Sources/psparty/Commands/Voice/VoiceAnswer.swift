import ArgumentParser
import PartyCore

struct VoiceAnswer: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer", abstract: "Send the answer to the offer of the voice bridge.",
        discussion: "The answer is for the peer that the latest `psparty voice offer` created.")

    static let examples = [
        Example("send the answer of an engine", "psparty voice answer --sdp answer.sdp"),
        Example("send it from standard input", "psparty voice answer --sdp - < answer.sdp"),
    ]

    static let statuses: [ExitStatus: String] = [
        .notFound: "no offer is open, or there is no such file",
        .badData: "the file contains no session description",
    ]

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("The answer's SDP, text or JSON: a file, or - for standard input.", valueName: "file|-"))
    var sdp: SDPArgument

    func report(in context: CommandContext) async throws(PartyError) -> Document {
        let text = try await sdp.sdp(context.console)
        let attachment = try await context.withVoice { (_) async throws(PartyError) in
            try await BridgeSession(context.client).answerKept(text)
        }
        return Document(nil, effect: "the answer was sent") { json in
            json.field("partyId", attachment.partyID.text)
            json.field("bridgeId", attachment.bridge?.id.text)
            json.field("peerId", attachment.peerID?.text)
        }
    }
}
