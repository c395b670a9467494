import ArgumentParser
import PartyCore

struct VoiceOffer: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "offer", abstract: "Create a peer on the party's voice bridge and print its offer as JSON.",
        discussion: """
            If the party has no bridge, one is created and linked. Bridges and peers left open by an earlier run or offer are \
            closed first. The new peer stays open until `psparty voice stop`. Only one process of a profile uses voice: the \
            command fails while a voice run is active, and a voice run fails while the peer is open.
            """)

    static let examples = [
        Example("write the offer to a file", "psparty voice offer | jq -r .offer.sdp > offer.sdp"),
        Example("take over from another process", "psparty voice offer --take-over"),
    ]

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The party: an id, a link, current, or - for standard input.")
    var party = PartyArgument.current

    @OptionGroup var ownership: VoiceOwnershipOptions

    func report(in context: CommandContext) async throws(PartyError) -> OfferReport {
        let client = context.client
        let id = try await client.resolve(try await context.partyReference(party))
        let offer = try await context.withVoice(takesOver: ownership.takeOver) { (_) async throws(PartyError) in
            if !global.dryRun { try context.releaseKeptPlace(takesOver: true) }
            return try await BridgeSession(client).openAndKeep(id)
        }
        return OfferReport(offer: offer)
    }
}

/// The bridge's offer. It is always printed as JSON, because only programs use it.
struct OfferReport: Report {
    let offer: BridgeOffer

    var effect: String? {
        "a peer was created on the bridge \(offer.bridgeID.text); close it with `psparty voice stop`"
    }

    func text(_ style: Style) -> String {
        style.isTerminal ? String(decoding: Array(json().utf8).displayedJSON, as: UTF8.self) : json()
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("partyId", offer.partyID.text)
            json.field("bridgeId", offer.bridgeID.text)
            json.field("peerId", offer.peerID.text)
            json.object("offer") { json in json.field("sdp", offer.sdp) }
        }
    }
}
