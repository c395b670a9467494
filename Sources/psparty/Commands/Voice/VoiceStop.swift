import ArgumentParser
import PartyCore

struct VoiceStop: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Take down what this profile has open of voice, also after a crash.",
        discussion: """
            A bridge is deleted only where this profile made it; on a shared one it takes back its own place. A voice run \
            of the profile that is going on is ended first.
            """)

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> StoppedReport {
        let closings = try await context.withVoice(takesOver: true) { (_) async throws(PartyError) in
            try await BridgeSession(context.client).close()
        }
        if closings.isEmpty { context.notice("nothing is open") }
        if closings.contains(where: \.mayHaveLeftSomething) {
            context.notice(
                "an answer of the service was lost: it may have something that nobody can name, and lets go of it by itself"
            )
        }
        return StoppedReport(closings: closings)
    }
}

/// What was taken down, and what could not be.
struct StoppedReport: Report {
    let closings: [BridgeSession.Closing]

    func text(_ style: Style) -> String {
        guard !closings.isEmpty else { return "" }
        return Table(
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

    var deed: String? {
        let stopped = closings.count { $0.error == nil }
        return stopped == 0 ? nil : "\(stopped) of \(closings.count) places on bridges were taken down"
    }

    var failure: PartyError? { closings.compactMap(\.error).first }
}
