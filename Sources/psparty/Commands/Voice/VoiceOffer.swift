import ArgumentParser
import PartyCore

struct VoiceOffer: ReportCommand {
    static let configuration = CommandConfiguration(
        commandName: "offer", abstract: "Get a place on the party's voice bridge, and print its offer as JSON.",
        discussion: """
            The party's bridge is used where it has one; otherwise one is made and linked. What an earlier run or offer left \
            open is taken down first. Everything stays open until `psparty voice stop`. While a voice run of the profile has \
            the place, it is refused; and so is a voice run until the offer is stopped.
            """)

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

/// What the bridge offers. It is for a program in any form: an offer is nothing to read.
struct OfferReport: Report {
    let offer: BridgeOffer

    var deed: String? {
        "a place on the bridge \(offer.bridgeID.text) was taken; take it down with `psparty voice stop`"
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
