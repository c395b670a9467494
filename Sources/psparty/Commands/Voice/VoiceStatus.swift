import ArgumentParser
import PartyCore

struct VoiceStatus: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what this profile has open of voice, also after a crash.",
        discussion: "It goes by the profile's own notes and asks nobody. `psparty voice stop` takes it down.")

    @OptionGroup var global: GlobalOptions

    func report(in context: CommandContext) async throws(PartyError) -> LegsReport {
        let legs = try BridgeSession(context.client).legs()
        if legs.isEmpty { context.notice("nothing is open") }
        return LegsReport(legs: legs)
    }
}

/// Bridges and our places on them. Tokens stay where they are.
struct LegsReport: Report {
    let legs: [VoiceLeg]

    func text(_ style: Style) -> String {
        guard !legs.isEmpty else { return "" }
        return Table(
            header: ["PARTY", "BRIDGE", "PEER", "STATE", "SINCE"],
            rows: legs.map { leg in
                [
                    leg.partyID.text, leg.bridge?.id.text ?? "unknown", leg.peerWord, leg.stateWords,
                    leg.openedAt.description,
                ]
            }
        ).text(style)
    }

    func write(to json: inout JSONWriter) {
        json.array(legs) { json, leg in
            json.object { json in
                json.leg(leg)
                json.field("openedAt", leg.openedAt)
            }
        }
    }
}

extension JSONWriter {
    /// What tells one leg from another, and how far it came.
    mutating func leg(_ leg: VoiceLeg) {
        field("partyId", leg.partyID.text)
        field("bridgeId", leg.bridge?.id.text)
        field("peerId", leg.peerID?.text)
        field("created", leg.isOurs)
        field("linked", leg.isLinked)
        field("answered", leg.isAnswered)
    }
}

extension VoiceLeg {
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
