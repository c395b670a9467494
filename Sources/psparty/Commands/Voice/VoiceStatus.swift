import ArgumentParser
import PartyCore

struct VoiceStatus: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "List the voice bridges and peers that this profile has open, also after a crash.",
        discussion:
            "The list comes from the profile's own ledger; no request is sent. Close them with `psparty voice stop`.")

    static let examples = [
        Example("list what is open", "psparty voice status"),
        Example("print the parties for a script", "psparty voice status --json | jq -r '.[].partyId'"),
    ]

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> AttachmentsReport {
        AttachmentsReport(attachments: try BridgeSession(context.client).attachments())
    }
}

/// Bridges and our peers on them. Bridge tokens are not printed.
struct AttachmentsReport: Report {
    let attachments: [BridgeAttachment]

    var emptyWords: String? { attachments.isEmpty ? "this profile has no voice open" : nil }

    func text(_ style: Style) -> String {
        Table(
            header: ["PARTY", "BRIDGE", "PEER", "STATE", "SINCE"],
            rows: attachments.map { attachment in
                [
                    attachment.partyID.text, attachment.bridge?.id.text ?? "unknown", attachment.peerWord,
                    attachment.stateWords,
                    style.time(attachment.openedAt),
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
    /// Writes the ids of an attachment and the steps that it completed.
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
        let origin = isOurs ? (isLinked ? "created and linked" : "created") : "shared"
        return isAnswered ? origin + ", answered" : origin
    }
}
