import ArgumentParser
import PartyCore

struct VoiceStatus: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what this profile has open of voice, also after a crash.",
        discussion: "It goes by the profile's own notes and asks nobody. `psparty voice stop` takes it down.")

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> AttachmentsReport {
        let attachments = try BridgeSession(context.client).attachments()
        if attachments.isEmpty { context.notice("nothing is open") }
        return AttachmentsReport(attachments: attachments)
    }
}

/// Bridges and our places on them. Tokens stay where they are.
struct AttachmentsReport: Report {
    let attachments: [BridgeAttachment]

    func text(_ style: Style) -> String {
        guard !attachments.isEmpty else { return "" }
        return Table(
            header: ["PARTY", "BRIDGE", "PEER", "STATE", "SINCE"],
            rows: attachments.map { attachment in
                [
                    attachment.partyID.text, attachment.bridge?.id.text ?? "unknown", attachment.peerWord,
                    attachment.stateWords,
                    attachment.openedAt.description,
                ]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.array(attachments) { json, attachment in
            json.object { json in
                json.attachment(attachment)
                json.field("openedAt", attachment.openedAt)
            }
        }
    }
}

extension JSONWriter {
    /// What tells one attachment from another, and how far it came.
    mutating func attachment(_ attachment: BridgeAttachment) {
        field("partyId", attachment.partyID.text)
        field("bridgeId", attachment.bridge?.id.text)
        field("peerId", attachment.peerID?.text)
        field("created", attachment.isOurs)
        field("linked", attachment.isLinked)
        field("answered", attachment.isAnswered)
    }
}

extension BridgeAttachment {
    fileprivate var peerWord: String {
        switch peer {
        case .none: "none"
        case .asked: "unknown"
        case .known(let id): id.text
        }
    }

    fileprivate var stateWords: String {
        let origin = isOurs ? (isLinked ? "made and linked" : "made") : "shared"
        return isAnswered ? origin + ", answered" : origin
    }
}
