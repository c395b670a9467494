import ArgumentParser
import PartyCore

struct VoiceStop: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Close the voice bridges and peers that this profile has open, also after a crash.",
        discussion: """
            A bridge is deleted only if this profile created it; from a shared bridge only the profile's own peer is removed. \
            An active voice run of the profile is ended first.
            """)

    static let examples = [
        Example("close everything", "psparty voice stop"),
        Example("print what was closed, for a script", "psparty voice stop --json | jq -r '.[].bridgeId'"),
    ]

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> StoppedReport {
        let closings = try await context.withVoice(takesOver: true) { (_) async throws(PartyError) in
            try await BridgeSession(context.client).close()
        }
        if closings.isEmpty { context.notice("this profile has no voice open") }
        if closings.contains(where: \.mayHaveLeftSomething) {
            context.notice(
                "a response of the service was lost, so a bridge or peer of unknown id may still be open; the service closes it by itself"
            )
        }
        return StoppedReport(closings: closings)
    }
}

/// The result of closing each attachment.
struct StoppedReport: Report {
    let closings: [BridgeSession.Closing]

    func text(_ style: Style) -> String {
        Table(
            header: ["PARTY", "BRIDGE", "RESULT"],
            rows: closings.map { closing in
                [
                    closing.attachment.partyID.text, closing.attachment.bridge?.id.text ?? "unknown",
                    closing.error?.message ?? "stopped",
                ]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.array(closings) { json, closing in
            json.object { json in
                json.attachment(closing.attachment)
                json.field("stopped", closing.error == nil)
                json.field("error", closing.error.map { Failure($0).code })
            }
        }
    }

    var effect: String? {
        let stopped = closings.count { $0.error == nil }
        return stopped == 0 ? nil : "\(stopped) of \(closings.count) voice attachments were closed"
    }

    var failure: PartyError? { closings.compactMap(\.error).first }
}
